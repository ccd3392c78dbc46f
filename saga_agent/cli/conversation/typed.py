"""What a person types, read as replies. Pure functions; a wrong line raises `InvalidInput` and is asked again."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from pydantic import ValidationError

from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import (
    Answer,
    Approve,
    Deny,
    Dismiss,
    Edit,
    Question,
    Reply,
    StopRun,
    check_reply,
)  # fmt: skip
from saga_agent.errors import InvalidInput

_CHOICE = re.compile(r"(?P<numbers>\d+(?:\s*,\s*\d+)*)\b\s*[-–—:.]?\s*(?P<note>.*)", re.DOTALL)
_DECISIONS = {"approve": ("a", "approve", "y", "yes"), "deny": ("d", "deny", "n", "no"), "edit": ("e", "edit"),
              "stop": ("s", "stop")}  # fmt: skip


def parse_decision(line: str) -> tuple[str, str]:
    """The decision on an approval, and the words after it: `d too early` is `("deny", "too early")`."""
    word, _, rest = line.strip().partition(" ")
    for decision, spellings in _DECISIONS.items():
        if word.casefold() in spellings:
            return decision, rest.strip()
    raise InvalidInput(
        "Type a to approve, d to deny (a reason may follow), e to edit the arguments, s to stop the run."
    )


def parse_arguments(text: str) -> JsonObject:
    """A JSON object of arguments."""
    try:
        return Edit.model_validate({"arguments": json.loads(text)}).arguments
    except ValueError as error:  # pydantic's too
        reason = "it is no JSON object" if isinstance(error, ValidationError) else str(error)
        raise InvalidInput(f"These arguments cannot be used: {reason}.") from None


def parse_answer(question: Question, line: str) -> Reply:
    """The answer to a question: `2`, `1,3`, `2 because ...`, free text, `d` to put it aside, `s` to stop the run."""
    line = line.strip()
    if line.casefold() in ("d", "/dismiss"):
        return Dismiss()
    if line.casefold() in ("s", "/stop"):
        return StopRun()
    reply = _parse_choice(question, line) if question.options else Answer(text=line)
    check_reply(question, reply)
    return reply


def decide(decision: str, words: str) -> Approve | Deny | StopRun:
    """The reply for a decision that needs no further input."""
    if decision == "approve":
        return Approve()
    return Deny(feedback=words) if decision == "deny" else StopRun()


def build_reply(
    *, approve: bool, deny: str | None, edit: str | None, option_ids: Sequence[str], text: str | None, note: str | None
) -> Reply:
    """The reply that the options of `saga answer` spell; with none of them the question is put aside."""
    if approve:
        return Approve()
    if deny is not None:
        return Deny(feedback=deny)
    if edit is not None:
        return Edit(arguments=parse_arguments(edit))
    if option_ids or text is not None:
        return Answer(option_ids=tuple(option_ids), text=text, note=note)
    return Dismiss()


def _parse_choice(question: Question, line: str) -> Answer:
    found = _CHOICE.fullmatch(line)
    if found is None:
        raise InvalidInput("Type the number of an option (several with commas), d to put the question aside.")
    numbers = [int(number) for number in found["numbers"].split(",")]
    if wrong := [number for number in numbers if not 1 <= number <= len(question.options)]:
        raise InvalidInput(f"There is no option {wrong[0]}; the options are 1 to {len(question.options)}.")
    chosen = tuple(question.options[number - 1].id for number in numbers)
    return Answer(option_ids=chosen, note=found["note"].strip() or None)
