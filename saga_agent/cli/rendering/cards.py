"""Requests to the writer as cards: what, on which text, why, by whom, under which rule."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from saga_agent.cli.rendering.tables import build_facts
from saga_agent.cli.rendering.words import short_value
from saga_agent.domain.requests import Approval, ClientCall, Option, Question, Request

_RULE = re.compile(r"(?P<rule>.*?)\s*\((?P<reason>[^()]*)\)", re.DOTALL)


def approval_card(approval: Approval, *, project: str, place: str = "") -> Panel:
    """A call that waits: its effect, the change, the text it is about, the reason and the rule."""
    title = str(approval.preview.get("title") or f"Run {approval.tool}")
    lines = [Text(f"  {line}") for line in _lines(approval)]
    body = Group(Text(title, style="title"), *lines, Text(), build_facts(_approval_facts(approval, project)))
    return _card(body, f"approval{place} · {approval.tool} · {approval.effect}")


def question_card(question: Question, *, project: str, place: str = "") -> Panel:
    """A question with its numbered options."""
    body: list[RenderableType] = [Text(question.question, style="title")]
    if question.context:
        body.append(Text(question.context, style="note"))
    body += [_option(number, option) for number, option in enumerate(question.options, start=1)]
    body += [Text(), build_facts([("on", project), ("by", _caller(question))])]
    return _card(Group(*body), f"question{place}")


def page_card(call: ClientCall, *, project: str, place: str = "") -> Panel:
    """A call that runs on the page: what the page would show."""
    shown = [Text(f"  {name}: {short_value(value)}") for name, value in call.payload.items() if value is not None]
    facts = build_facts([("on", project), ("by", _caller(call))])
    return _card(Group(Text("The page would show", style="title"), *shown, Text(), facts), f"page{place} · {call.tool}")


def request_card(request: Request, *, project: str, place: str = "") -> Panel:
    """The card of any kind."""
    match request:
        case Approval():
            return approval_card(request, project=project, place=place)
        case Question():
            return question_card(request, project=project, place=place)
        case ClientCall():
            return page_card(request, project=project, place=place)


def one_line(request: Request) -> str:
    """What is asked, on one line."""
    match request:
        case Approval():
            return str(request.preview.get("title") or f"Run {request.tool} {short_value(request.arguments)}")
        case Question():
            return request.question
        case ClientCall():
            return f"{request.tool} {short_value(request.payload)}"


def split_rule(rule: str) -> tuple[str, str]:
    """The rule in words, and the reason it gives."""
    found = _RULE.fullmatch(rule)
    return (found["rule"], found["reason"]) if found else (rule, "")


def _approval_facts(approval: Approval, project: str) -> list[tuple[str, str]]:
    rule, reason = split_rule(approval.rule)
    document = approval.preview.get("document") or approval.arguments.get("document")
    facts = [("on", f"{project}, {document}" if document else project)]
    facts += [("why", reason)] if reason else []
    return [*facts, ("by", _caller(approval)), ("rule", rule)]


def _caller(request: Request) -> str:
    """The agent that asks; behind it those who called it."""
    *above, agent = request.agent_path or (request.agent,)
    return f"agent {agent}" + (f", called by {', '.join(reversed(above))}" if above else "")


def _lines(approval: Approval) -> Sequence[str]:
    lines = approval.preview.get("lines")
    return [str(line) for line in cast(list[object], lines)] if isinstance(lines, list) else []


def _option(number: int, option: Option) -> Text:
    text = Text.assemble(("  ", ""), (str(number), "key"), f"  {option.label}")
    return text.append(f"  {option.description}", style="note") if option.description else text


def _card(body: RenderableType, title: str) -> Panel:
    return Panel(
        body,
        title=Text(title, style="ask"),
        title_align="left",
        border_style="ask",
        box=box.ROUNDED,
        padding=(0, 1),
        expand=False,
    )
