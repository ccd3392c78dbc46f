"""The three files a character card comes in: JSON, a PNG picture with text chunks, and CHARX, a zip with assets."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Literal

from saga_agent.domain.record import JsonObject
from saga_agent.errors import UnreadableFile
from saga_agent.formats.archive import Archive, write_archive
from saga_agent.formats.jsonfile import dump_object, load_object
from saga_agent.formats.png import SIGNATURE, read_chunks, with_texts

Container = Literal["json", "png", "charx"]

_ZIP = b"PK\x03\x04"
_CARD = "card.json"
_V2, _V3 = "chara", "ccv3"


def open_card(data: bytes, *, name: str) -> tuple[Container, JsonObject]:
    """The kind of file and the card's JSON; in a PNG the chunk of V3 wins over the one of V2."""
    if data.startswith(SIGNATURE):
        cards = _cards_in(data, name=name)
        if not cards:
            raise UnreadableFile(name, "the picture holds no character card")
        return "png", cards.get(_V3) or cards[_V2]
    if data.startswith(_ZIP):
        return "charx", load_object(Archive(data, name=name).read(_CARD), name=name)
    return "json", load_object(data, name=name)


def pack_card(
    card: JsonObject, *, container: Container, base: bytes, like: bytes, respell: Callable[[JsonObject], JsonObject]
) -> bytes:
    """The file of a card.

    Args:
        card: The JSON to write.
        container: The kind of file.
        base: The picture or CHARX file that takes it; all else in there stays.
        like: The JSON whose manner of writing is kept, when it is JSON.
        respell: Puts the card's fields over another JSON; for the copy in the older chunk of the same picture.
    """
    if container == "json":
        return dump_object(card, like=like if like.lstrip()[:1] == b"{" else b"")
    if container == "charx":
        archive = Archive(base, name=_CARD) if base else None
        members = {name: archive.read(name) for name in archive.names} if archive else {}
        return write_archive({**members, _CARD: dump_object(card, like=members.get(_CARD, b""))})
    keyword = _V3 if card.get("spec") == "chara_card_v3" else _V2
    copies = {other: respell(held) for other, held in _cards_in(base, name="picture").items() if other != keyword}
    texts = {word: base64.b64encode(dump_object(held)) for word, held in {**copies, keyword: card}.items()}
    return with_texts(base, texts, name="picture")


def _cards_in(picture: bytes, *, name: str) -> dict[str, JsonObject]:
    cards: dict[str, JsonObject] = {}
    for chunk in read_chunks(picture, name=name):
        if chunk.keyword in (_V2, _V3) and chunk.keyword not in cards:
            try:
                cards[chunk.keyword] = load_object(base64.b64decode(chunk.text, validate=True), name=name)
            except binascii.Error:
                raise UnreadableFile(name, f"the {chunk.keyword!r} text of the picture is not base64") from None
    return cards
