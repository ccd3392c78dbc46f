"""Character cards, V1 to V3, in JSON, PNG and CHARX files: read, changed and written back."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Literal

from pydantic import Field, JsonValue

from saga_agent.domain.record import JsonObject, Model
from saga_agent.errors import InvalidInput, UnreadableFile
from saga_agent.formats.card_files import Container, open_card, pack_card
from saga_agent.formats.jsonfile import as_json, object_of, text_of, texts_of
from saga_agent.formats.lorebook import Lorebook, read_book, spell_book
from saga_agent.formats.textfile import read_bytes

__all__ = ["CharacterCard", "parse_card", "read_card", "write_card"]

Spec = Literal["chara_card_v1", "chara_card_v2", "chara_card_v3"]
"""`chara_card_v1`: the fields of the character lie at the top of the file, which names no version."""

_KNOWN_VERSION = 3.0
_SPEC = re.compile(r"chara_card_v(?P<version>[2-9])", re.IGNORECASE)
_TEXTS = {
    "name": ("name", "char_name"),
    "description": ("description", "char_persona"),
    "personality": ("personality",),
    "scenario": ("scenario", "world_scenario"),
    "first_message": ("first_mes", "char_greeting", "greeting"),
    "example_dialogue": ("mes_example", "example_dialogue"),
    "system_prompt": ("system_prompt",),
    "post_history_instructions": ("post_history_instructions",),
    "creator": ("creator",),
    "creator_notes": ("creator_notes", "creatorcomment"),
    "character_version": ("character_version",),
    "nickname": ("nickname",),
}
"""The names of each field, that of the specification first; the others are Pygmalion's and those of old exports."""
_LISTS = {"tags": "tags", "alternate_greetings": "alternate_greetings"}
_ONLY_V3 = ("nickname",)
_V1_TEXTS = ("name", "description", "personality", "scenario", "first_message", "example_dialogue")


class CharacterCard(Model):
    """A character as role-play apps exchange it; macros such as `{{char}}` are text."""

    spec: Spec
    name: str
    description: str = ""
    personality: str = ""
    scenario: str = ""
    first_message: str = ""
    example_dialogue: str = ""
    system_prompt: str = ""
    post_history_instructions: str = ""
    creator: str = ""
    creator_notes: str = ""
    character_version: str = ""
    nickname: str = ""
    """What `{{char}}` stands for, if not the name."""
    tags: tuple[str, ...] = ()
    alternate_greetings: tuple[str, ...] = ()
    book: Lorebook | None = None
    container: Container = "json"
    raw: JsonObject = Field(default_factory=dict[str, JsonValue])
    """The whole card as it was read; its unknown fields and `extensions` are written back."""
    source: bytes = b""
    """The file, given back byte for byte while nothing is changed."""
    lost: tuple[str, ...] = ()
    """What could not be kept or will not work, one sentence each."""


def read_card(path: str | Path) -> CharacterCard:
    """The card in a JSON, PNG or CHARX file; UnreadableFile says why there is none."""
    return parse_card(read_bytes(Path(path)), name=str(path))


def parse_card(data: bytes, *, name: str) -> CharacterCard:
    """The card in the bytes of a file; `name` is for messages.

    Raises: `UnreadableFile`.
    """
    container, raw, unread = open_card(data, name=name)
    spec, inner = _spec_of(raw), _character_in(raw)
    if spec is None or inner is None:
        raise UnreadableFile(name, "it is no character card of version 1, 2 or 3")
    lost = unread if spec == "chara_card_v1" else (*unread, *_newer_version(raw))
    book = None
    if (raw_book := _book_in(inner)) is not None:
        book = read_book(raw_book, dialect=None if raw_book["entries"] else "card", name=name)
        lost += book.lost
    elif inner.get("character_book"):
        lost += ("The book in the card has no entries that could be read; it is kept in the file.",)
    texts = {field: text_of(inner, _key(inner, names)) for field, names in _TEXTS.items()}
    lists = {field: texts_of(inner, key) for field, key in _LISTS.items()}
    rest = {"spec": spec, "book": book, "container": container, "raw": raw, "source": data, "lost": lost}
    return CharacterCard.model_validate({**texts, **lists, **rest})


def write_card(card: CharacterCard, *, container: Container | None = None, picture: bytes = b"") -> bytes:
    """The card as a file: the bytes that were read if neither it nor the container has changed since.

    Args:
        card: Its `lost` plays no part.
        container: The kind of file, as the card was read when None.
        picture: The PNG for a card that was not read from one.

    Raises: `InvalidInput` without a picture for a PNG.
    """
    wanted = container or card.container
    same = wanted == card.container
    if card.source and same and not picture:
        before = parse_card(card.source, name=card.name)
        if before.model_copy(update={"lost": card.lost}) == card:
            return card.source
    base = picture or (card.source if same else b"")
    if wanted == "png" and not base:
        raise InvalidInput("A card in a PNG needs a picture; pass picture=... with the bytes of a PNG file.")
    return pack_card(
        spell_card(card, card.raw), container=wanted, base=base, like=card.source, respell=partial(spell_card, card)
    )


def spell_card(card: CharacterCard, raw: JsonObject) -> JsonObject:
    """The card as a JSON object, put over `raw`, whose unknown fields stay."""
    outer: JsonObject = dict(raw) or _new(card.spec)
    inner = dict(_character_in(outer) or {})
    spec = _spec_of(outer) or card.spec
    for field, names in _TEXTS.items():
        if spec != card.spec and field in _ONLY_V3:
            continue
        key, text = _key(inner, names), str(getattr(card, field))
        is_asked = field in _V1_TEXTS if spec == "chara_card_v1" else field not in _ONLY_V3
        if text != text_of(inner, key) or (key not in inner and is_asked):
            inner[key] = text
    for field, key in _LISTS.items():
        texts: tuple[str, ...] = getattr(card, field)
        if texts != texts_of(inner, key) or (key not in inner and spec != "chara_card_v1"):
            inner[key] = as_json(texts)
    if card.book is not None:
        inner["character_book"] = spell_book(card.book)
    elif _book_in(inner) is not None:
        del inner["character_book"]
    if object_of(outer, "data") is None and spec == "chara_card_v1":
        return inner
    inner.setdefault("extensions", {})
    outer["data"] = inner
    return outer


def holds_card(raw: JsonObject) -> bool:
    """Whether the JSON of a file is a character card, by its own fields."""
    return _spec_of(raw) is not None


def _spec_of(raw: JsonObject) -> Spec | None:
    """The version of a card: what it says, else told by where the character's fields lie."""
    inner, said = object_of(raw, "data"), _SPEC.fullmatch(text_of(raw, "spec").strip())
    if inner is None:
        return "chara_card_v1" if "data" not in raw and _has_character(raw) else None
    if said is not None:
        return "chara_card_v2" if said["version"] == "2" else "chara_card_v3"
    return "chara_card_v2" if _has_character(inner) else None


def _character_in(raw: JsonObject) -> JsonObject | None:
    """The object that holds the fields of the character."""
    inner = object_of(raw, "data")
    return inner if inner is not None else raw if "data" not in raw else None


def _book_in(inner: JsonObject) -> JsonObject | None:
    book = object_of(inner, "character_book")
    return book if book is not None and isinstance(book.get("entries"), dict | list) else None


def _has_character(raw: JsonObject) -> bool:
    found = [field for field in _V1_TEXTS if text_of(raw, _key(raw, _TEXTS[field])).strip()]
    return "name" in found and len(found) > 1 and "entries" not in raw


def _key(raw: JsonObject, names: tuple[str, ...]) -> str:
    """Under which name the field is there; the first one when it is not."""
    said = next((name for name in names if text_of(raw, name)), None)
    return said or next((name for name in names if name in raw), names[0])


def _new(spec: Spec) -> JsonObject:
    if spec == "chara_card_v1":
        return {}
    return {"spec": spec, "spec_version": "2.0" if spec == "chara_card_v2" else "3.0"}


def _newer_version(raw: JsonObject) -> tuple[str, ...]:
    version = text_of(raw, "spec_version")
    try:
        newer = float(version) > _KNOWN_VERSION
    except ValueError:
        return (f"The version {version[:20]!r} of the card is no number; it is read like 3.0.",)
    return (f"The card has version {version[:20]}, newer than 3.0; what is new is kept, not used.",) if newer else ()
