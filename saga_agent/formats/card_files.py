"""The three files a character card comes in: JSON, a PNG picture with text chunks, and CHARX, a zip with assets."""

from __future__ import annotations

import base64
import binascii
import io
import zipfile
from collections.abc import Callable
from typing import Literal

from saga_agent.domain.record import JsonObject
from saga_agent.errors import UnreadableFile
from saga_agent.formats.archive import Archive, write_archive
from saga_agent.formats.jsonfile import dump_json, load_object
from saga_agent.formats.png import SIGNATURE, read_chunks, with_texts

Container = Literal["json", "png", "charx"]

_ZIP, _JPEG = b"PK\x03\x04", b"\xff\xd8\xff"
_CARD = "card.json"
_V2, _V3 = "chara", "ccv3"


def open_card(data: bytes, *, name: str) -> tuple[Container, JsonObject, tuple[str, ...]]:
    """The kind of file, the card's JSON, and sentences on what could not be read.

    In a picture the text of V3 wins over the one of V2; where it is damaged, the other serves.
    """
    if data.startswith(SIGNATURE):
        cards, damaged = _cards_in(data, name=name)
        if not cards:
            why = next(iter(damaged.values()), "the picture holds no character card")
            raise UnreadableFile(name, why)
        lost = tuple(f"The picture holds a second card that is not used: {why}." for why in damaged.values())
        return "png", cards.get(_V3) or cards[_V2], lost
    if is_charx(data):
        return "charx", load_object(Archive(data, name=name).read(_CARD), name=name), ()
    return "json", load_object(data, name=name), ()


def is_charx(data: bytes) -> bool:
    """Whether the bytes are a zip archive, by itself or behind the picture that some apps put before it."""
    return data.startswith(_ZIP) or (data.startswith(_JPEG) and zipfile.is_zipfile(io.BytesIO(data)))


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
        return dump_json(card, like=like if like.lstrip()[:1] == b"{" else b"")
    if container == "charx":
        archive = Archive(base, name=_CARD) if base else None
        members = {name: archive.read(name) for name in archive.names} if archive else {}
        cover = base[: base.find(_ZIP)] if base.startswith(_JPEG) else b""
        return cover + write_archive({**members, _CARD: dump_json(card, like=members.get(_CARD, b""))})
    keyword = _V3 if card.get("spec") == "chara_card_v3" else _V2
    held_cards, _ = _cards_in(base, name="picture")
    copies = {other: respell(held) for other, held in held_cards.items() if other != keyword}
    texts = {word: base64.b64encode(dump_json(held)) for word, held in {**copies, keyword: card}.items()}
    return with_texts(base, texts, name="picture")


def _cards_in(picture: bytes, *, name: str) -> tuple[dict[str, JsonObject], dict[str, str]]:
    """The cards in the texts of a picture by their keywords, and why others could not be read."""
    cards: dict[str, JsonObject] = {}
    damaged: dict[str, str] = {}
    for chunk in read_chunks(picture, name=name):
        keyword = chunk.keyword.lower()
        if keyword not in (_V2, _V3) or keyword in cards:
            continue
        try:
            cards[keyword] = load_object(_decoded(chunk.text), name=name)
        except (UnreadableFile, ValueError) as error:
            reason = error.reason if isinstance(error, UnreadableFile) else error
            damaged.setdefault(keyword, f"the {keyword!r} text of the picture cannot be read: {reason}")
    return cards, {keyword: why for keyword, why in damaged.items() if keyword not in cards}


def _decoded(text: bytes) -> bytes:
    """The JSON in a text: base64 of either alphabet, with or without its padding and line ends, or written plainly.

    Raises: `ValueError`.
    """
    if text.lstrip()[:1] == b"{":
        return text
    packed = b"".join(text.split()).translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    try:
        return base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
    except binascii.Error:
        raise ValueError("it is not base64") from None
