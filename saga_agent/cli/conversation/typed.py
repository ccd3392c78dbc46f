"""What a person types, read as replies. Pure functions; a wrong line raises `InvalidInput` and is asked again."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from pydantic import ValidationError

from saga_agent.cli.conversation.repliers import SHOWN
from saga_agent.domain.permissions import GrantScope
from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import (
    Answer,
    Approve,
    Deny,
    Dismiss,
    Edit,
    GrantTerms,
    Question,
    Reply,
    StopRun,
    check_reply,
)
from saga_agent.errors import InvalidInput

_CHOICE = re.compile(r"(?P<numbers>\d+(?:\s*,\s*\d+)*)\b\s*[-–—:.]?\s*(?P<note>.*)", re.DOTALL)
_DECISIONS = {
    "approve": ("a", "approve", "y", "yes"),
    "deny": ("d", "deny", "n", "no"),
    "edit": ("e", "edit"),
    "grant": ("g", "grant"),
    "stop": ("s", "stop"),
    "later": ("l", "later"),
}
_SCOPES: tuple[GrantScope, ...] = get_args(GrantScope)


def parse_decision(line: str) -> tuple[str, str]:
    """The decision on an approval, and the words after it: `d too early` is `("deny", "too early")`."""
    word, _, rest = line.strip().partition(" ")
    for decision, spellings in _DECISIONS.items():
        if word.casefold() in spellings:
            return decision, rest.strip()
    raise InvalidInput(
        "Type a to approve, g to approve calls like it too, d to deny (a reason may follow), e to edit the arguments, "
        "l to leave it for later, s to stop the run."
    )


def parse_arguments(text: str) -> JsonObject:
    """A JSON object of arguments."""
    try:
        return Edit.model_validate({"arguments": json.loads(text)}).arguments
    except ValueError as error:  # pydantic's too
        reason = "it is no JSON object" if isinstance(error, ValidationError) else str(error)
        raise InvalidInput(f"These arguments cannot be used: {reason}.") from None


def parse_grant(words: str) -> GrantTerms:
    """What a grant shall cover: `project`, `run name=M*`, `any`; nothing said means these arguments in this thread."""
    scope: GrantScope = "thread"
    patterns: dict[str, str] | None = None
    try:
        tokens = shlex.split(words)
    except ValueError as error:
        raise InvalidInput(f"This cannot be read: {error}.") from None
    for token in tokens:
        name, equals, pattern = token.partition("=")
        if equals and name:
            patterns = {**(patterns or {}), name: pattern}
        elif token in _SCOPES:
            scope = token
        elif token == "any":
            patterns = patterns or {}
        else:
            raise InvalidInput(
                f"{token!r} is no scope ({', '.join(_SCOPES)}) and no NAME=PATTERN; 'any' means any arguments."
            )
    return GrantTerms(scope=scope, patterns=patterns)


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
    if decision == "grant":
        return Approve(grant=parse_grant(words))
    return Deny(feedback=words) if decision == "deny" else StopRun()


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The options of `saga answer` that spell one reply; with none of them the question is put aside."""

    approve: bool = False
    grant: str | None = None
    deny: str | None = None
    edit: str | None = None
    option_ids: Sequence[str] = ()
    text: str | None = None
    note: str | None = None
    shown: bool = False
    stop: bool = False

    def build(self) -> Reply:
        """The reply; `InvalidInput` for what cannot be read."""
        if self.approve:
            return Approve(grant=None if self.grant is None else parse_grant(self.grant))
        if self.deny is not None:
            return Deny(feedback=self.deny)
        if self.edit is not None:
            return Edit(arguments=parse_arguments(self.edit))
        if self.option_ids or self.text is not None:
            return Answer(option_ids=tuple(self.option_ids), text=self.text, note=self.note)
        if self.stop:
            return StopRun()
        return SHOWN if self.shown else Dismiss()


def _parse_choice(question: Question, line: str) -> Answer:
    found = _CHOICE.fullmatch(line)
    if found is None:
        raise InvalidInput("Type the number of an option (several with commas), d to put the question aside.")
    numbers = [int(number) for number in found["numbers"].split(",")]
    if wrong := [number for number in numbers if not 1 <= number <= len(question.options)]:
        raise InvalidInput(f"There is no option {wrong[0]}; the options are 1 to {len(question.options)}.")
    chosen = tuple(question.options[number - 1].id for number in numbers)
    return Answer(option_ids=chosen, note=found["note"].strip() or None)
