"""Asking at the terminal: each request as a card, then a line to answer it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from rich.console import Console
from rich.text import Text

from saga_agent.cli.conversation.repliers import SHOWN
from saga_agent.cli.conversation.typed import decide, parse_answer, parse_arguments, parse_decision, parse_grant
from saga_agent.cli.rendering.cards import request_card
from saga_agent.domain.requests import (
    Approval,
    Approve,
    ClientCall,
    Edit,
    Question,
    Reply,
    Request,
    StopRun,
    check_reply,
)
from saga_agent.errors import InvalidInput
from saga_agent.journal.permissions import grant_text
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import ToolFailure

try:
    import readline
except ImportError:  # not on every platform; input() works without it, only plainer
    readline = None

ReadLine = Callable[[str, str], str]
"""Takes the prompt and what stands in the line already, gives what was typed; `EOFError` when nobody is there."""


def read_line(prompt: str, prefill: str = "") -> str:
    """A line from the terminal, with `prefill` ready to be edited where the terminal can do that."""
    if readline is None:
        return input(prompt)
    readline.set_startup_hook(partial(readline.insert_text, prefill))
    try:
        return input(prompt)
    finally:
        readline.set_startup_hook(None)


class TerminalReplier:
    """Asks a person for each request; all answers are sent together, so nothing runs halfway through.

    Of several, `#2` goes to the second one, and `l` leaves one for later.
    """

    def __init__(self, console: Console, *, project: str, tools: ToolRegistry, read: ReadLine = read_line) -> None:
        self._console, self._project, self._tools, self._read = console, project, tools, read

    def reply(self, requests: Sequence[Request]) -> Mapping[str, Reply]:
        replies: dict[str, Reply] = {}
        left = list(range(len(requests)))
        try:
            while left:
                request = requests[left[0]]
                place = f" {left[0] + 1} of {len(requests)}" if len(requests) > 1 else ""
                self._console.print(request_card(request, project=self._project, place=place))
                answer = self._ask(request)
                if isinstance(answer, int):
                    left = _first(answer - 1, left, self._console)
                    continue
                left.pop(0)
                if answer is not None:
                    replies[request.id] = answer
                if isinstance(answer, StopRun):
                    return replies
        except (EOFError, KeyboardInterrupt):
            self._console.print()
            return {}
        return replies

    def _ask(self, request: Request) -> Reply | int | None:
        """The reply; the number of the request to go to instead; None for later."""
        while True:
            try:
                match request:
                    case Approval():
                        return self._ask_approval(request)
                    case Question():
                        line = self._read(_question_prompt(request), "")
                        return _jump(line) or parse_answer(request, line)
                    case ClientCall():
                        return SHOWN
            except InvalidInput as error:
                self._console.print(Text(str(error), style="bad"))

    def _ask_approval(self, approval: Approval) -> Reply | int | None:
        grants = "  [g]rant" if approval.grantable else ""
        line = self._read(f"[a]pprove{grants}  [d]eny  [e]dit  [l]ater  [s]top > ", "")
        if number := _jump(line):
            return number
        decision, words = parse_decision(line)
        if decision == "later":
            return None
        if decision == "edit":
            return self._edit(approval, words)
        if decision == "grant":
            return self._grant(approval, words)
        if decision == "deny" and not words:
            words = self._read("Why not? (may be empty) > ", "").strip()
        return decide(decision, words)

    def _grant(self, approval: Approval, words: str) -> Reply:
        """An approval with a grant, once the person has read what is stored."""
        if not words:
            words = self._read("for run, thread or project; any, or NAME=PATTERN ... > ", "thread")
        reply = Approve(grant=parse_grant(words))
        check_reply(approval, reply)
        self._console.print(Text(grant_text(approval, parse_grant(words)), style="ask"))
        if self._read("Store this? [y/n] > ", "").strip().casefold() not in ("y", "yes"):
            raise InvalidInput("Nothing was stored.")
        return reply

    def _edit(self, approval: Approval, words: str) -> Edit:
        current = json.dumps(approval.arguments, ensure_ascii=False)
        arguments = parse_arguments(words or self._read("arguments > ", current))
        if tool := self._tools.find(approval.tool):
            try:
                tool.validate(arguments)
            except ToolFailure as failure:
                raise InvalidInput(failure.message) from None
        return Edit(arguments=arguments)


def _jump(line: str) -> int | None:
    """The number of `#2`."""
    number = line.strip().removeprefix("#")
    return int(number) if line.strip().startswith("#") and number.isdecimal() else None


def _first(wanted: int, left: list[int], console: Console) -> list[int]:
    """What is left to answer, that one in front."""
    if wanted not in left:
        console.print(Text(f"Number {wanted + 1} is not open.", style="bad"))
        return left
    return [wanted, *(each for each in left if each != wanted)]


def _question_prompt(question: Question) -> str:
    if not question.options:
        return "your answer (d puts it aside, s stops) > "
    many = ", several with commas" if question.multiple else ""
    note = ", a note may follow" if question.allow_note else ""
    return f"1-{len(question.options)}{many}{note} (d puts it aside, s stops) > "
