"""Lorebooks are read, changed and written back with all that the file held."""

import contextlib
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saga_agent.errors import UnreadableFile
from saga_agent.formats.lorebook import (
    Lorebook,
    LoreEntry,
    convert_lorebook,
    parse_lorebook,
    read_lorebook,
    write_lorebook,
)

WORLD: dict[str, Any] = {
    "name": "The Crossing",
    "entries": {
        "0": {
            "uid": 0,
            "key": ["ferry", "ferryman"],
            "keysecondary": ["night"],
            "selective": True,
            "selectiveLogic": 3,
            "comment": "Ferry",
            "content": "It sails at dusk.",
            "constant": False,
            "disable": False,
            "order": 50,
            "position": 4,
            "depth": 2,
            "scanDepth": None,
            "extensions": {"app": {"colour": "é"}},
        },
        "7": {
            "uid": 7,
            "key": ["/(a+)+$/i"],
            "keysecondary": [],
            "comment": "",
            "content": "{{random:a,b}}",
            "disable": True,
            "order": 100,
            "probability": 40,
        },
    },
    "extensions": {"x": [1, 2.5, None]},
}
STANDALONE = {
    "spec": "lorebook_v3",
    "data": {
        "name": "B",
        "extensions": {},
        "entries": [
            {
                "keys": ["a"],
                "content": "@@depth 4\nText",
                "enabled": False,
                "insertion_order": 3,
                "use_regex": True,
                "extensions": {},
                "priority": 9,
            }
        ],
    },
}


def dumped(value: Any, *, indent: int | None = 4) -> bytes:
    return json.dumps(value, indent=indent, ensure_ascii=False).encode()


def changed(book: Lorebook, content: str) -> Lorebook:
    first, *rest = book.entries
    return book.model_copy(update={"entries": (first.model_copy(update={"content": content}), *rest)})


def test_the_fields_of_world_info_are_understood():
    first, second = parse_lorebook(dumped(WORLD), name="w.json").entries
    assert (first.uid, first.title, first.keys, first.secondary_keys) == (
        "0",
        "Ferry",
        ("ferry", "ferryman"),
        ("night",),
    )
    assert (first.selective, first.secondary_logic, first.order, first.enabled) == (True, "and_all", 50, True)
    assert (second.enabled, second.content) == (False, "{{random:a,b}}")


def test_a_standalone_book_of_a_card_is_understood():
    book = parse_lorebook(dumped(STANDALONE), name="b.json")
    (entry,) = book.entries
    assert (entry.keys, entry.enabled, entry.order, entry.use_regex) == (("a",), False, 3, True)
    assert entry.content == "@@depth 4\nText"
    assert "regular expression" in book.lost[0]


@pytest.mark.parametrize("source", [WORLD, STANDALONE])
@pytest.mark.parametrize("indent", [None, 2, 4])
def test_an_unchanged_book_is_written_byte_for_byte(source: dict[str, Any], indent: int | None, tmp_path: Path):
    path = tmp_path / "w.json"
    path.write_bytes(b"\xef\xbb\xbf" + dumped(source, indent=indent) + b"\r\n")
    assert write_lorebook(read_lorebook(path)) == path.read_bytes()


def test_a_change_leaves_all_other_fields_and_the_manner_of_writing():
    book = changed(parse_lorebook(dumped(WORLD), name="w.json"), "It is late.")
    expected = json.loads(dumped(WORLD))
    expected["entries"]["0"]["content"] = "It is late."
    assert write_lorebook(book) == dumped(expected)


def test_a_new_entry_has_the_fields_apps_need():
    book = parse_lorebook(dumped(WORLD), name="w.json")
    added = book.model_copy(update={"entries": (*book.entries, LoreEntry(uid="8", keys=("oar",), enabled=False))})
    entry = json.loads(write_lorebook(added))["entries"]["8"]
    assert (entry["uid"], entry["key"], entry["disable"], entry["order"]) == (8, ["oar"], True, 100)


def test_a_book_can_be_made_anew():
    book = Lorebook(dialect="card", name="New", entries=(LoreEntry(uid="0", keys=("a",), content="b"),))
    again = parse_lorebook(write_lorebook(book), name="n")
    assert (again.name, again.entries[0].keys, again.entries[0].content) == ("New", ("a",), "b")


def test_conversion_tells_what_has_no_place():
    book = convert_lorebook(parse_lorebook(dumped(WORLD), name="w.json"), "card")
    for field in ("depth", "extensions", "position", "probability", "selectiveLogic"):
        assert field in book.lost[-1]
    again = parse_lorebook(write_lorebook(book), name="c.json")
    assert [(e.keys, e.content, e.enabled) for e in again.entries] == [
        (("ferry", "ferryman"), "It sails at dusk.", True),
        (("/(a+)+$/i",), "{{random:a,b}}", False),
    ]


def test_a_hostile_expression_is_kept_as_text_and_told():
    book = parse_lorebook(dumped(WORLD), name="w.json")
    assert book.entries[1].regex_keys == ("/(a+)+$/i",)
    assert book.lost == ("Entry '7': the key '/(a+)+$/i' is a regular expression; it is kept as text and never run.",)


def test_fields_of_the_wrong_kind_are_told_and_kept():
    source = {"entries": {"0": {"key": 7, "order": "first", "content": "x"}, "1": None}}
    book = parse_lorebook(dumped(source), name="w.json")
    assert book.lost[0] == "Entry '1' is no object and is left out."
    assert "key" in book.lost[1]
    assert "order" in book.lost[1]
    assert json.loads(write_lorebook(changed(book, "y")))["entries"]["0"]["key"] == 7


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "valid JSON"),
        (b"[]", "not an object"),
        (b"{}", "no 'entries'"),
        (b'{"spec": "lorebook_v3"}', "no lorebook"),
        (b'{"entries": {}, "x": NaN}', "NaN"),
        (b'{"entries": {}, "x": "\\ud800"}', "surrogate"),
        (b'{"entries": {}, "x": ' + b"9" * 5_000 + b"}", "valid JSON"),
        (b'{"entries": {}, "x": ' + b"[" * 100 + b"]" * 100 + b"}", "deep"),
        (b'{"entries":' * 100_000, "deep"),
        (b"\xff\xfe{}", "valid JSON"),
        (b" " * (20 * 1024 * 1024 + 1), "more than 20 MB"),
    ],
)
def test_what_is_no_lorebook_is_refused(data: bytes, reason: str):
    with pytest.raises(UnreadableFile, match=reason):
        parse_lorebook(data, name="w.json")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(["key", "keys", "content", "order", "disable", "selectiveLogic", "use_regex", "uid", "x"])


@given(st.dictionaries(st.text(max_size=3), st.dictionaries(FIELDS, JSON, max_size=6) | JSON, max_size=3))
@settings(max_examples=300, deadline=2_000)
def test_any_entries_are_read_and_given_back_or_refused(entries: dict[str, Any]):
    source = json.dumps({"entries": entries}).encode()
    with contextlib.suppress(UnreadableFile):
        book = parse_lorebook(source, name="w.json")
        assert write_lorebook(book) == source
        json.loads(write_lorebook(book.model_copy(update={"name": "renamed"})))


@given(st.data())
@settings(max_examples=300, deadline=2_000)
def test_a_mutated_book_is_read_or_refused(data: st.DataObject):
    mutated = bytearray(dumped(WORLD))
    for _ in range(data.draw(st.integers(1, 5))):
        mutated[data.draw(st.integers(0, len(mutated) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(UnreadableFile):
        assert write_lorebook(parse_lorebook(bytes(mutated), name="w.json")) == bytes(mutated)


def test_a_key_made_to_stall_regular_expressions_stalls_nothing():
    keys = ["/" * 50_000, "/(.*)*" + "a" * 50_000, "a" * 50_000 + "!"]
    began = time.monotonic()
    parse_lorebook(dumped({"entries": {"0": {"key": keys}}}), name="w.json")
    assert time.monotonic() - began < 5
