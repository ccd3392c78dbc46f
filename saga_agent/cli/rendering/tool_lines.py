"""Tool calls and their results, each on a line or two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from rich.text import Text

from saga_agent.cli.rendering.words import plural, short_value, shorten

_ROOM = 96
Data = Mapping[str, Any]


def call_line(name: str, arguments: object) -> Text:
    """`● search_story  query="the ferry"`."""
    given: Data = cast(Data, arguments) if isinstance(arguments, Mapping) else {"": arguments}
    parts = [f"{key}={short_value(value, chars=40)}" for key, value in given.items() if value not in (None, [], {}, "")]
    return Text.assemble(("● ", "tool"), (name, "tool"), "  ", (shorten(" ".join(parts), _ROOM), "note"))


def result_line(output: object) -> Text:
    """What came back, in a few words."""
    shaped: Data = cast(Data, output) if isinstance(output, Mapping) else {}
    text = Text.assemble(("  └ ", "note"), shorten(summary(shaped), _ROOM))
    for warning in cast(list[str], shaped.get("warnings") or []):
        text.append(f"\n    {warning}", style="warn")
    return text


def failure_line(reason: str, *, denied: bool = False) -> Text:
    """A call that brought nothing, and why."""
    return Text.assemble(("  └ ", "note"), ("declined" if denied else reason, "warn" if denied else "bad"))


def summary(output: Data) -> str:
    """The result of a story tool in words; other results as short JSON."""
    data = cast(Data, output.get("data") or {})
    for key, tell in _SUMMARIES.items():
        if key in data:
            return tell(data)
    return short_value(data or output, chars=_ROOM)


def _passages(data: Data) -> str:
    passages = data["passages"]
    return f"{plural(len(passages), 'passage')}; the best in {passages[0]['title']}" if passages else "nothing found"


def _names(data: Data) -> str:
    found = ", ".join(str(name["name"]) for name in data["names"][:5])
    more = ", …" if len(data["names"]) > 5 else ""
    title = f"{data['document']['title']}: " if "document" in data else ""
    return f"{title}{plural(len(data['names']), 'name')} ({found}{more})" if found else f"{title}no names"


def _entity(data: Data) -> str:
    entity = data["entity"]
    mentions = f", {plural(data['mentions'], 'mention')} in the text" if "mentions" in data else ""
    return f"{entity['name']} ({entity['type']}) is in the story bible{mentions}"


def _text(data: Data) -> str:
    title = data["document"]["title"] if "document" in data else "text"
    return f"{title}, {plural(len(data['text']), 'character')}"


def _outcome(data: Data) -> str:
    return "answered" if data["outcome"] == "answered" else f"{data['outcome']}: the question stays open"


_SUMMARIES: Mapping[str, Callable[[Data], str]] = {
    "passages": _passages,
    "documents": lambda data: plural(len(data["documents"]), "document"),
    "names": _names,
    "entity": _entity,
    "text": _text,
    "outcome": _outcome,
}
