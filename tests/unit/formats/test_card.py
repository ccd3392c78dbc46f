"""Character cards are read from JSON, PNG and CHARX files and written back with all that they held."""

import base64
import contextlib
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saga_agent.errors import InvalidInput, UnreadableFile
from saga_agent.formats.archive import Archive
from saga_agent.formats.card import CharacterCard, parse_card, read_card, write_card
from saga_agent.formats.png import Chunk, read_chunks, text_chunk
from tests.unit.formats.books import zipped


def card_json(*, version: int = 3, **data: Any) -> dict[str, Any]:
    book = {"entries": [{"keys": ["oar"], "content": "Ash wood.", "insertion_order": 1, "extensions": {"z": 1}}]}
    held = {
        "name": "Mira",
        "description": "{{char}} rows.",
        "tags": ["river"],
        "first_mes": "“Well?”",
        "extensions": {"app": {"deep": [1, {"x": None}]}},
        "unknown": 1.5,
        "character_book": book,
    }
    return {"spec": f"chara_card_v{version}", "spec_version": f"{version}.0", "data": {**held, **data}}


def as_text(card: dict[str, Any]) -> bytes:
    return base64.b64encode(json.dumps(card, ensure_ascii=False).encode())


def png(*texts: tuple[str, bytes]) -> bytes:
    pixel = [
        Chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        Chunk(b"IDAT", zlib.compress(b"\0\0")),
        *(text_chunk(keyword, text) for keyword, text in texts),
        Chunk(b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk.packed() for chunk in pixel)


JSON = json.dumps(card_json(), indent=2).encode()
PNG = png(("chara", as_text(card_json(version=2, name="Old"))), ("ccv3", as_text(card_json())), ("Comment", b"hi"))
CHARX = zipped({"assets/icon/main.png": png(), "card.json": json.dumps(card_json())})
FILES = pytest.mark.parametrize("data", [JSON, PNG, CHARX], ids=["json", "png", "charx"])


def renamed(card: CharacterCard) -> CharacterCard:
    return card.model_copy(update={"name": "Mirabel", "tags": ("sea",)})


@FILES
def test_a_card_is_read_from_any_container(data: bytes, tmp_path: Path):
    path = tmp_path / "card"
    path.write_bytes(data)
    card = read_card(path)
    assert (card.spec, card.name, card.description, card.tags) == (
        "chara_card_v3",
        "Mira",
        "{{char}} rows.",
        ("river",),
    )
    assert card.book is not None
    assert card.book.entries[0].content == "Ash wood."
    assert card.lost == ()


@FILES
def test_an_unchanged_card_is_written_byte_for_byte(data: bytes):
    assert write_card(parse_card(data, name="c")) == data


@FILES
def test_a_change_leaves_all_other_fields(data: bytes):
    again = parse_card(write_card(renamed(parse_card(data, name="c"))), name="c")
    assert again.raw == card_json(name="Mirabel", tags=["sea"]) | {"data": again.raw["data"]}
    held = json.loads(json.dumps(again.raw["data"]))
    assert held["character_book"].pop("extensions") == {}
    for added in held.keys() - card_json()["data"].keys():
        assert held.pop(added) in ("", [])
    assert held == card_json(name="Mirabel", tags=["sea"])["data"]


def test_both_texts_of_a_picture_change_and_the_rest_of_it_stays():
    written = write_card(renamed(parse_card(PNG, name="c")))
    chunks = {chunk.keyword or chunk.kind: chunk for chunk in read_chunks(written, name="c")}
    old = json.loads(base64.b64decode(chunks["chara"].text))
    assert (old["spec"], old["data"]["name"], "nickname" in old["data"]) == ("chara_card_v2", "Mirabel", False)
    assert chunks["Comment"].text == b"hi"
    assert [c for c in read_chunks(written, name="c") if c.kind == b"IDAT"] == [
        c for c in read_chunks(PNG, name="c") if c.kind == b"IDAT"
    ]


def test_the_assets_of_a_charx_stay():
    archive = Archive(write_card(renamed(parse_card(CHARX, name="c"))), name="c")
    assert archive.names == ("assets/icon/main.png", "card.json")
    assert archive.read("assets/icon/main.png") == png()


def test_a_card_of_version_2_stays_one():
    card = parse_card(png(("chara", as_text(card_json(version=2)))), name="c")
    again = parse_card(write_card(renamed(card)), name="c")
    assert (again.spec, again.name) == ("chara_card_v2", "Mirabel")


def test_a_card_moves_into_other_containers():
    card = parse_card(JSON, name="c")
    assert parse_card(write_card(card, container="charx"), name="c").raw["data"] is not None
    assert parse_card(write_card(card, container="png", picture=png()), name="c").name == "Mira"
    assert parse_card(write_card(parse_card(PNG, name="c"), container="json"), name="c").container == "json"
    with pytest.raises(InvalidInput, match="needs a picture"):
        write_card(card, container="png")


def test_a_card_can_be_made_anew():
    again = parse_card(write_card(CharacterCard(spec="chara_card_v2", name="New")), name="c")
    assert (again.spec, again.name, again.raw["spec_version"]) == ("chara_card_v2", "New", "2.0")


@pytest.mark.parametrize(("version", "told"), [("3.0", ()), ("3.5", ("newer",)), ("new", ("no number",))])
def test_newer_versions_are_read_and_told(version: str, told: tuple[str, ...]):
    card = parse_card(json.dumps(card_json() | {"spec_version": version}).encode(), name="c")
    assert len(card.lost) == len(told)
    assert all(word in sentence for word, sentence in zip(told, card.lost, strict=True))


def damaged(at: int, value: bytes) -> bytes:
    return PNG[:at] + value + PNG[at + len(value) :]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (damaged(8, b"\x7f\xff\xff\xff"), "claims 2,147,483,647 bytes"),
        (damaged(20, b"\xff"), "'IHDR' of the picture is damaged"),
        (PNG[:-12], "cut off"),
        (PNG[:30], "cut off|claims"),
        (png(), "no character card"),
        (png(("chara", b"***")), "not base64"),
        (png(("chara", base64.b64encode(b'{"a":' * 50_000))), "deep"),
        (png(*[("x", b"")] * 50_001), "more than 50,000 chunks"),
        (b'{"spec": "other", "data": {}}', "no character card of version 1, 2 or 3"),
        (b'{"spec": "chara_card_v3", "data": []}', "no character card of version 1, 2 or 3"),
        (zipped({"other.json": "{}"}), r"no 'card\.json'"),
        (zipped({"card.json": "{}", "../x": ""}), "outside"),
        (zipped({"card.json": " " * 30_000_000}), "zip bombs"),
    ],
)
def test_hostile_and_damaged_cards_are_refused(data: bytes, reason: str):
    with pytest.raises(UnreadableFile, match=reason):
        parse_card(data, name="c")


@given(st.sampled_from([JSON, PNG, CHARX]), st.data())
@settings(max_examples=300, deadline=2_000)
def test_a_mutated_card_is_read_and_given_back_or_refused(valid: bytes, data: st.DataObject):
    mutated = bytearray(valid)
    for _ in range(data.draw(st.integers(1, 5))):
        mutated[data.draw(st.integers(0, len(mutated) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(UnreadableFile):
        card = parse_card(bytes(mutated), name="c")
        assert write_card(card) == bytes(mutated)
        assert write_card(renamed(card))


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=2_000)
def test_any_text_in_a_picture_is_read_or_refused(text: bytes):
    with contextlib.suppress(UnreadableFile):
        parse_card(png(("ccv3", base64.b64encode(text))), name="c")
