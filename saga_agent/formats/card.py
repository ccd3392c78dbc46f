"""Character cards, V2 and V3, in JSON, PNG and CHARX files: read, changed and written back."""

from __future__ import annotations

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

Spec = Literal["chara_card_v2", "chara_card_v3"]

_KNOWN_VERSION = 3.0
_TEXTS = {
    "name": "name", "description": "description", "personality": "personality", "scenario": "scenario",
    "first_message": "first_mes", "example_dialogue": "mes_example", "system_prompt": "system_prompt",
    "post_history_instructions": "post_history_instructions", "creator": "creator", "creator_notes": "creator_notes",
    "character_version": "character_version", "nickname": "nickname",
}  # fmt: skip
_LISTS = {"tags": "tags", "alternate_greetings": "alternate_greetings"}
_ONLY_V3 = ("nickname",)


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
    container, raw = open_card(data, name=name)
    spec, inner = raw.get("spec"), object_of(raw, "data")
    if spec not in ("chara_card_v2", "chara_card_v3") or inner is None:
        raise UnreadableFile(name, "it is no character card of version 2 or 3")
    lost = _newer_version(raw)
    book = None
    if (raw_book := object_of(inner, "character_book")) is not None:
        book = read_book(raw_book, dialect="card", name=name)
        lost += book.lost
    texts = {field: text_of(inner, key) for field, key in _TEXTS.items()}
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
    outer: JsonObject = dict(raw) or {"spec": card.spec, "spec_version": "2.0" if card.spec[-1] == "2" else "3.0"}
    inner = dict(object_of(outer, "data") or {})
    is_copy = outer["spec"] != card.spec
    for field, key in _TEXTS.items():
        if is_copy and field in _ONLY_V3:
            continue
        text: str = getattr(card, field)
        if text != text_of(inner, key) or (key not in inner and field not in _ONLY_V3):
            inner[key] = text
    for field, key in _LISTS.items():
        texts: tuple[str, ...] = getattr(card, field)
        if texts != texts_of(inner, key) or key not in inner:
            inner[key] = as_json(texts)
    if card.book is not None:
        inner["character_book"] = spell_book(card.book)
    else:
        inner.pop("character_book", None)
    inner.setdefault("extensions", {})
    outer["data"] = inner
    return outer


def _newer_version(raw: JsonObject) -> tuple[str, ...]:
    version = text_of(raw, "spec_version")
    try:
        newer = float(version) > _KNOWN_VERSION
    except ValueError:
        return (f"The version {version[:20]!r} of the card is no number; it is read like 3.0.",)
    return (f"The card has version {version[:20]}, newer than 3.0; what is new is kept, not used.",) if newer else ()
