"""Asking at the terminal: each request as a card, then a line to answer it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from rich.console import Console
from rich.text import Text

from saga_agent.cli.conversation.typed import decide, parse_answer, parse_arguments, parse_decision
from saga_agent.cli.rendering.cards import request_card
from saga_agent.domain.requests import Approval, Edit, Question, Reply, StopRun
from saga_agent.errors import InvalidInput
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
    """Asks a person for each request in turn; all answers are sent together, so nothing runs halfway through."""

    def __init__(self, console: Console, *, project: str, tools: ToolRegistry, read: ReadLine = read_line) -> None:
        self._console, self._project, self._tools, self._read = console, project, tools, read

    def reply(self, requests: Sequence[Approval | Question]) -> Mapping[str, Reply]:
        replies: dict[str, Reply] = {}
        try:
            for number, request in enumerate(requests, start=1):
                place = f" {number} of {len(requests)}" if len(requests) > 1 else ""
                self._console.print(request_card(request, project=self._project, place=place))
                replies[request.id] = reply = self._ask(request)
                if isinstance(reply, StopRun):
                    return replies
        except (EOFError, KeyboardInterrupt):
            self._console.print()
            return {}
        return replies

    def _ask(self, request: Approval | Question) -> Reply:
        while True:
            try:
                if isinstance(request, Approval):
                    return self._ask_approval(request)
                return parse_answer(request, self._read(_question_prompt(request), ""))
            except InvalidInput as error:
                self._console.print(Text(str(error), style="bad"))

    def _ask_approval(self, approval: Approval) -> Reply:
        decision, words = parse_decision(self._read("[a]pprove  [d]eny  [e]dit  [s]top > ", ""))
        if decision == "edit":
            return self._edit(approval, words)
        if decision == "deny" and not words:
            words = self._read("Why not? (may be empty) > ", "").strip()
        return decide(decision, words)

    def _edit(self, approval: Approval, words: str) -> Edit:
        current = json.dumps(approval.arguments, ensure_ascii=False)
        arguments = parse_arguments(words or self._read("arguments > ", current))
        if tool := self._tools.find(approval.tool):
            try:
                tool.validate(arguments)
            except ToolFailure as failure:
                raise InvalidInput(failure.message) from None
        return Edit(arguments=arguments)


def _question_prompt(question: Question) -> str:
    if not question.options:
        return "your answer (d puts it aside, s stops) > "
    many = ", several with commas" if question.multiple else ""
    note = ", a note may follow" if question.allow_note else ""
    return f"1-{len(question.options)}{many}{note} (d puts it aside, s stops) > "
