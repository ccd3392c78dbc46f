"""Lorebooks: SillyTavern World Info and the books of character cards, read, changed and written back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import Field, JsonValue

from saga_agent.domain.record import JsonObject, Model
from saga_agent.errors import UnreadableFile
from saga_agent.formats.jsonfile import dump_object, load_object, object_of, text_of
from saga_agent.formats.lore_entry import Dialect, LoreEntry, read_entry, spell_entry
from saga_agent.formats.textfile import read_bytes

__all__ = ["LoreEntry", "Lorebook", "convert_lorebook", "parse_lorebook", "read_lorebook", "write_lorebook"]

_STANDALONE = "lorebook_v3"


class Lorebook(Model):
    """Entries that join the prompt when their keys come up, and what the file held beside them."""

    dialect: Dialect
    name: str = ""
    entries: tuple[LoreEntry, ...] = ()
    raw: JsonObject = Field(default_factory=dict[str, JsonValue])
    """The whole book as it was read; its unknown fields are written back."""
    source: bytes = b""
    """The file, given back byte for byte while nothing is changed; empty for a book within a card."""
    lost: tuple[str, ...] = ()
    """What could not be kept or will not work, one sentence each."""


def read_lorebook(path: str | Path) -> Lorebook:
    """The lorebook in a JSON file; UnreadableFile says why there is none."""
    return parse_lorebook(read_bytes(Path(path)), name=str(path))


def parse_lorebook(data: bytes, *, name: str) -> Lorebook:
    """The lorebook in the bytes of a World Info file or of a standalone V3 book; `name` is for messages.

    Raises: `UnreadableFile`.
    """
    raw = load_object(data, name=name)
    if raw.get("spec") == _STANDALONE:
        inner = object_of(raw, "data")
        if inner is None:
            raise UnreadableFile(name, "its 'data' holds no lorebook")
        return read_book(inner, dialect="card", name=name).model_copy(update={"source": data})
    return read_book(raw, dialect="world_info", name=name).model_copy(update={"source": data})


def read_book(raw: JsonObject, *, dialect: Dialect, name: str) -> Lorebook:
    """The lorebook in a JSON object."""
    entries = raw.get("entries")
    if not isinstance(entries, dict | list):
        raise UnreadableFile(name, "it has no 'entries', so it is no lorebook")
    pairs: list[tuple[str, JsonValue]] = (
        list(entries.items()) if isinstance(entries, dict) else [(str(i), entry) for i, entry in enumerate(entries)]
    )
    read = tuple(read_entry(uid, entry, dialect=dialect) for uid, entry in pairs if isinstance(entry, dict))
    dropped = [f"Entry {uid!r} is no object and is left out." for uid, entry in pairs if not isinstance(entry, dict)]
    lost = (*dropped, *(sentence for entry in read for sentence in _not_working(entry)))
    return Lorebook(dialect=dialect, name=text_of(raw, "name"), entries=read, raw=raw, lost=lost)


def write_lorebook(book: Lorebook) -> bytes:
    """The book as a JSON file of its dialect: the bytes that were read if nothing has changed since."""
    if book.source and parse_lorebook(book.source, name=book.name).model_copy(update={"lost": book.lost}) == book:
        return book.source
    spelled = spell_book(book)
    if book.dialect == "card":
        outer: JsonObject = load_object(book.source, name=book.name) if book.source else {"spec": _STANDALONE}
        outer["data"] = spelled
        return dump_object(outer, like=book.source)
    return dump_object(spelled, like=book.source)


def spell_book(book: Lorebook) -> JsonObject:
    """The book as a JSON object; fields it does not know are kept in place."""
    raw = dict(book.raw)
    if book.name != text_of(raw, "name"):
        raw["name"] = book.name
    spelled = [(entry.uid, spell_entry(entry, dialect=book.dialect)) for entry in book.entries]
    is_list = isinstance(raw.get("entries"), list) if "entries" in raw else book.dialect == "card"
    raw["entries"] = [entry for _, entry in spelled] if is_list else dict(spelled)
    if book.dialect == "card":
        raw.setdefault("extensions", {})
    return raw


def convert_lorebook(book: Lorebook, dialect: Dialect) -> Lorebook:
    """The book for another kind of file; `lost` names the fields that have no place there."""
    if dialect == book.dialect:
        return book
    fields = sorted({field for entry in book.entries for field in entry.without_place(book.dialect, dialect)})
    lost = (f"These fields have no place in the other format: {', '.join(fields)}.",) if fields else ()
    entries = tuple(entry.model_copy(update={"raw": {}}) for entry in book.entries)
    return Lorebook(dialect=dialect, name=book.name, entries=entries, lost=(*book.lost, *lost))


def _not_working(entry: LoreEntry) -> Iterator[str]:
    for key in entry.regex_keys:
        yield f"Entry {entry.uid!r}: the key {key[:60]!r} is a regular expression; it is kept as text and never run."
    if entry.unread:
        yield f"Entry {entry.uid!r}: {', '.join(entry.unread)} could not be understood; kept in the file as written."
