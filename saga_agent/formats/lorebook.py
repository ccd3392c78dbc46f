"""Lorebooks: World Info, the books of character cards and their kin, read, changed and written back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import Field, JsonValue

from saga_agent.domain.record import JsonObject, Model
from saga_agent.errors import UnreadableFile
from saga_agent.formats.jsonfile import dump_json, load_json, text_of
from saga_agent.formats.lore_entry import Dialect, LoreEntry, dialect_of, read_entry, spell_entry
from saga_agent.formats.textfile import read_bytes

__all__ = [
    "LoreEntry",
    "Lorebook",
    "convert_lorebook",
    "holds_lorebook",
    "parse_lorebook",
    "read_lorebook",
    "write_lorebook",
]

_STANDALONE = "lorebook_v3"
_ENTRIES = ("entries", "data", "worldinfo", "lorebook")
"""Under which keys files keep the entries: RisuAI in a list `data`, KoboldAI in `worldinfo`."""
_WRAPPERS = ("data", "lorebook", "character_book", "world_info", "worldInfo", "originalData")
"""Under which keys files keep the whole book."""


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
    """The lorebook in the bytes of a JSON file, in whatever spelling it is; `name` is for messages.

    SillyTavern's World Info, a standalone book of a card with or without its `spec`, NovelAI's `.lorebook`, the books
    of Agnai, RisuAI and KoboldAI, and a bare list of entries: they are told by their own fields.

    Raises: `UnreadableFile`.
    """
    book, _ = _unwrap(load_json(data, name=name), name=name)
    return read_book(book, name=name).model_copy(update={"source": data})


def holds_lorebook(raw: JsonValue) -> bool:
    """Whether the JSON of a file is a lorebook, by its own fields."""
    return _find(raw) is not None


def is_character(raw: JsonObject) -> bool:
    """Whether these are the fields of a character, which may hold a book but is none."""
    return "first_mes" in raw or "char_name" in raw or str(raw.get("spec")).startswith("chara_card")


def read_book(raw: JsonObject, *, name: str, dialect: Dialect | None = None) -> Lorebook:
    """The lorebook in a JSON object that has entries; its spelling is told by them unless given.

    Raises: `UnreadableFile`.
    """
    entries = raw.get(_entries_key(raw))
    if not isinstance(entries, dict | list):
        raise UnreadableFile(name, "it has no 'entries', so it is no lorebook")
    pairs: list[tuple[str, JsonValue]] = (
        list(entries.items()) if isinstance(entries, dict) else [(str(i), entry) for i, entry in enumerate(entries)]
    )
    spelling = dialect or dialect_of(entry for _, entry in pairs)
    read = tuple(read_entry(uid, entry, dialect=spelling) for uid, entry in pairs if isinstance(entry, dict))
    dropped = [f"Entry {uid!r} is no object and is left out." for uid, entry in pairs if not isinstance(entry, dict)]
    lost = (*dropped, *(sentence for entry in read for sentence in _not_working(entry)))
    return Lorebook(dialect=spelling, name=text_of(raw, "name"), entries=read, raw=raw, lost=lost)


def write_lorebook(book: Lorebook) -> bytes:
    """The book as a JSON file of its dialect: the bytes that were read if nothing has changed since."""
    if book.source and parse_lorebook(book.source, name=book.name).model_copy(update={"lost": book.lost}) == book:
        return book.source
    spelled: JsonValue = spell_book(book)
    if book.source:
        whole = load_json(book.source, name=book.name)
        _, path = _unwrap(whole, name=book.name)
        return dump_json(_put(whole, path, spelled), like=book.source)
    return dump_json({"spec": _STANDALONE, "data": spelled} if book.dialect == "card" else spelled)


def spell_book(book: Lorebook) -> JsonObject:
    """The book as a JSON object; fields it does not know are kept in place."""
    raw = dict(book.raw)
    if book.name != text_of(raw, "name"):
        raw["name"] = book.name
    spelled = [(entry.uid, spell_entry(entry, dialect=book.dialect)) for entry in book.entries]
    place = _entries_key(raw)
    is_list = isinstance(raw.get(place), list) if place in raw else book.dialect == "card"
    raw[place] = [entry for _, entry in spelled] if is_list else dict(spelled)
    if book.dialect == "card" and not book.source:
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


def _entries_key(raw: JsonObject) -> str:
    """Under which key the book has its entries; only `entries` itself may be an object."""
    found = (key for key in _ENTRIES if isinstance(raw.get(key), list))
    return _ENTRIES[0] if isinstance(raw.get(_ENTRIES[0]), dict) else next(found, _ENTRIES[0])


def _unwrap(raw: JsonValue, *, name: str) -> tuple[JsonObject, tuple[str, ...]]:
    """The book in the JSON of a file, and the keys that lead to it; UnreadableFile when there is none."""
    if (found := _find(raw)) is not None:
        return found
    if not isinstance(raw, dict):
        raise UnreadableFile(name, "its JSON is not an object")
    if raw.get("spec") == _STANDALONE:
        raise UnreadableFile(name, "its 'data' holds no lorebook")
    raise UnreadableFile(name, "it has no 'entries', so it is no lorebook")


def _find(raw: JsonValue) -> tuple[JsonObject, tuple[str, ...]] | None:
    if isinstance(raw, list):
        is_book = all(isinstance(entry, dict) and _is_entry(entry) for entry in raw) and bool(raw)
        return ({_ENTRIES[0]: raw}, ()) if is_book else None
    if not isinstance(raw, dict) or is_character(raw):
        return None
    if _has_entries(raw):
        return raw, ()
    for key in _WRAPPERS:
        inner = raw.get(key)
        if isinstance(inner, dict) and _has_entries(inner) and not is_character(inner):
            return inner, (key,)
    return None


def _has_entries(raw: JsonObject) -> bool:
    return isinstance(raw.get(_entries_key(raw)), dict | list)


def _is_entry(raw: JsonObject) -> bool:
    entry = read_entry("", raw, dialect=dialect_of([raw]))
    return bool(entry.keys) or bool(entry.title and entry.content)


def _put(whole: JsonValue, path: tuple[str, ...], book: JsonObject) -> JsonValue:
    """The JSON of a file with the book in the place it was found at."""
    if isinstance(whole, list):
        return book[_ENTRIES[0]]
    if not path or not isinstance(whole, dict):
        return book
    return {**whole, path[0]: book}
