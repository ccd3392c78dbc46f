"""Requests and messages as cards in a notebook: `%load_ext saga_agent.notebook`.

The classes themselves know nothing of it; IPython is told here how to show each of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from html import escape
from typing import Any, cast

from pydantic import JsonValue

from saga_agent.domain.journal import Message
from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Approval, ClientCall, Question, Request

_CARD = "border:1px solid #b8a9c9;border-radius:6px;padding:.6em .9em;margin:.4em 0;max-width:46em"
_FACT = "color:#6b6375;padding-right:.8em;text-align:left;vertical-align:top"


class Cards:
    """Several requests at once, e.g. `Cards(await run.requests())`: a list would be shown as text."""

    def __init__(self, requests: Iterable[Request]) -> None:
        self._requests = tuple(requests)

    def _repr_html_(self) -> str:
        return "".join(map(request_html, self._requests)) or "<em>Nothing waits for an answer.</em>"


def load_ipython_extension(shell: Any) -> None:
    """Shows requests and messages as cards from now on; IPython calls it for `%load_ext saga_agent.notebook`."""
    for kind, html in _FORMATTERS.items():
        shell.display_formatter.formatters["text/html"].for_type(kind, html)


def unload_ipython_extension(shell: Any) -> None:
    """Shows them as they were shown before."""
    for kind in _FORMATTERS:
        shell.display_formatter.formatters["text/html"].pop(kind, None)


def request_html(request: Request) -> str:
    """What is asked, on which text, why, by whom and under which rule, and the id that an answer needs."""
    match request:
        case Approval():
            title, lines = str(request.preview.get("title") or f"Run {request.tool}"), _listed(request.preview, "lines")
            about = request.preview.get("document") or request.arguments.get("document")
            facts = [("effect", request.effect), ("on", about), ("rule", request.rule)]
        case Question():
            title, facts = request.question, [("decides", request.context)]
            lines = [f"{option.id}: {option.label} {option.description}".rstrip() for option in request.options]
        case ClientCall():
            title, facts = f"The page would show {request.tool}", []
            lines = [f"{name}: {_plain(value)}" for name, value in request.payload.items()]
    facts += [("by", " › ".join(request.agent_path or (request.agent,))), ("state", request.state), ("id", request.id)]
    return _card(title, lines, facts)


def message_html(message: Message) -> str:
    """The words of a message, its tool calls, who wrote it, and how it stands."""
    calls = [
        f"{str(part['type']).removeprefix('tool-')}: {part.get('state')}"
        for part in message.parts
        if "toolCallId" in part
    ]
    words = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in message.text.split("\n\n") if paragraph.strip())
    facts = [("by", message.agent or message.role), ("state", message.state), ("id", message.id)]
    return _card("", calls, facts, before=words)


def _card(title: str, lines: Iterable[str], facts: Iterable[tuple[str, object]], *, before: str = "") -> str:
    rows = "".join(
        f'<tr><th style="{_FACT}">{name}</th><td>{escape(str(value))}</td></tr>' for name, value in facts if value
    )
    listed = "".join(f"<li>{escape(line)}</li>" for line in lines)
    heading = f"<strong>{escape(title)}</strong>" if title else ""
    return f'<div style="{_CARD}">{heading}{before}<ul>{listed}</ul><table>{rows}</table></div>'


def _listed(preview: JsonObject, name: str) -> list[str]:
    lines = preview.get(name)
    return [_plain(line) for line in lines] if isinstance(lines, list) else []


def _plain(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


_FORMATTERS: dict[type, Callable[[Any], str]] = {
    Approval: request_html,
    Question: request_html,
    ClientCall: request_html,
    Message: cast("Callable[[Any], str]", message_html),
}
