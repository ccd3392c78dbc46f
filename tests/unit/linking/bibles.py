"""Short ways to write bibles, and to read mentions back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from saga_agent.linking import Bible, Kind, Mention, compile_bible, link


def entry(name: str, *aliases: object, id: str | None = None, kind: Kind = "character") -> dict[str, object]:
    return {"id": id or name, "kind": kind, "name": name, "aliases": list(aliases)}


def bible(*names: str | dict[str, object]) -> Bible:
    """A bible of characters whose ids are their names, or of whole entries."""
    return compile_bible(name if isinstance(name, dict) else entry(name) for name in names)


def linked(text: str, *names: str | dict[str, object]) -> list[tuple[str, str | None]]:
    """What is linked, and to whom: (words of the text, entity id)."""
    return words(text, link(text, bible(*names)))


def words(text: str, mentions: Iterable[Mention]) -> list[tuple[str, str | None]]:
    return [(text[mention.start : mention.end], mention.entity_id) for mention in mentions]


def spans(mentions: Sequence[Mention]) -> list[tuple[int, int]]:
    return [(mention.start, mention.end) for mention in mentions]
