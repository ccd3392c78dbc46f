"""Vaults of notes are read as Obsidian reads them and written back as they were."""

import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saga_agent.errors import InvalidInput, UnreadableFile
from saga_agent.formats.note import Link, Note, edit_note, parse_note, write_note
from saga_agent.formats.vault import read_vault, write_vault

NOTE = """---
# kept as written
aliases: [Mira, "the ferrywoman"]
tags:
  - people/river
  - alive
born: 0112-01-10
awake: no
hour: 12:30
home: "[[Lower Ferry|home]]"   # quoted, as it must be
---
She rows to [[Far Bank#The inn|the inn]] and ![[map.png]]. #oar not#this #2 [[#Below]]
```
[[code]] #code
```
`[[inline]]` [[Last]]
"""


def note(text: str) -> Note:
    return parse_note(text.encode(), path="people/Mira Vance.md")


def test_a_note_has_its_names_tags_and_links():
    read = note(NOTE)
    assert read.title == "Mira Vance"
    assert read.aliases == ("Mira", "the ferrywoman")
    assert read.tags == ("people/river", "alive", "oar")
    assert read.links == (
        Link(target="Lower Ferry", shown="home"),
        Link(target="Far Bank", heading="The inn", shown="the inn"),
        Link(target="map.png", embedded=True),
        Link(target="", heading="Below"),
        Link(target="Last"),
    )
    assert read.lost == ()


def test_words_and_hours_are_not_taken_for_truth_values_and_numbers():
    properties = note(NOTE).properties
    assert (properties["awake"], properties["hour"], properties["born"]) == ("no", "12:30", "0112-01-10")


def test_single_words_and_lists_with_commas_serve_as_tags_and_aliases():
    read = note("---\naliases: Mira\ntags: 'a, #b'\n---\n")
    assert (read.aliases, read.tags) == (("Mira",), ("a", "b"))


def test_a_link_without_quotes_is_understood_and_told():
    read = note("---\nhome: [[Ferry]]\n---\n")
    assert read.links == (Link(target="Ferry"),)
    assert "quotes" in read.lost[0]


@pytest.mark.parametrize("text", [NOTE, NOTE.replace("\n", "\r\n"), "\ufeff" + NOTE, "no header\n", "", "---\nopen\n"])
def test_an_unchanged_note_is_written_byte_for_byte(text: str):
    assert write_note(note(text)) == text.encode()


def test_a_changed_property_leaves_the_others_as_written():
    edited = edit_note(note(NOTE), properties={"awake": "yes, at last"})
    assert write_note(edited).decode() == NOTE.replace("awake: no", "awake: yes, at last")
    assert edited.properties["awake"] == "yes, at last"


def test_properties_can_be_added_and_taken_away_and_the_body_changed():
    edited = edit_note(note("Text."), properties={"tags": ["new"]}, body="Other.")
    assert write_note(edited).decode() == "---\ntags:\n- new\n---\nOther."
    assert write_note(edit_note(edited, properties={"tags": None})).decode() == "---\n---\nOther."


def test_line_ends_stay_in_a_changed_header():
    edited = edit_note(note("---\r\na: 1\r\n---\r\nText."), properties={"b": 2})
    assert write_note(edited) == b"---\r\na: 1\r\nb: 2\r\n---\r\nText."


@pytest.mark.parametrize(
    "yaml",
    [
        "a: [",
        "- only\n- a list",
        "a: *nowhere",
        "a: !!python/object/apply:os.system [ls",
        "[" * 5_000,
        'a: "\\ud800"',
        "x: " + "y" * 16_001,
        "x: y\n" * 50_000,
    ],
)
def test_front_matter_that_is_not_understood_is_kept_and_told(yaml: str):
    read = note(f"---\n{yaml}\n---\nText [[Link]].")
    assert "kept unread" in read.lost[0]
    assert (read.properties, read.links) == ({}, (Link(target="Link"),))
    assert write_note(read).decode() == f"---\n{yaml}\n---\nText [[Link]]."
    with pytest.raises(InvalidInput, match="cannot be changed"):
        edit_note(read, properties={"a": 1})


def test_what_can_be_read_of_front_matter_is_and_can_be_changed():
    read = note("---\nmotto: Up: and away\nage: 7\nlist: [a\nage: 8\n---\nText.")
    assert read.properties == {"motto": "Up: and away", "age": 8}
    assert [sentence.split("'")[1] for sentence in read.lost] == ["motto", "list", "age"]
    edited = edit_note(read, properties={"tags": ["new"]})
    assert write_note(edited).decode() == "---\nmotto: Up: and away\nage: 7\nlist: [a\nage: 8\ntags:\n- new\n---\nText."


def test_values_that_stand_for_billions_are_not_written_out():
    lines = [f"{n}: &{n} [{','.join([f'*{p}'] * 9)}]" for p, n in zip("abcdefg", "bcdefgh", strict=True)]
    read = note("\n".join(["---", "a: &a [x,x,x,x,x,x,x,x,x]", *lines, "---", ""]))
    assert (list(read.properties), len(read.lost)) == (["a"], 7)


def test_a_vault_is_read_without_hidden_folders_links_and_other_files(tmp_path: Path):
    root = tmp_path / "vault"
    for name in ("people/Mira.md", "Ferry.md", ".obsidian/x.md", "map.png"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("text", encoding="utf-8")
    (tmp_path / "secret.md").write_text("secret", encoding="utf-8")
    (root / "out.md").symlink_to(tmp_path / "secret.md")
    (root / "loop").symlink_to(root)
    vault = read_vault(root)
    assert [read.path for read in vault.notes] == ["Ferry.md", "people/Mira.md"]
    assert vault.lost == ("1 file(s) are no notes and were not read.",)


def test_only_changed_notes_are_written(tmp_path: Path):
    (tmp_path / "a.md").write_bytes(NOTE.encode())
    (tmp_path / "b.md").write_bytes(b"Text.")
    first, second = read_vault(tmp_path).notes
    assert write_vault([first, edit_note(second, body="New.")], tmp_path) == ("b.md",)
    assert write_vault([note("New.")], tmp_path) == ("people/Mira Vance.md",)
    assert sorted(os.listdir(tmp_path)) == ["a.md", "b.md", "people"]
    assert (tmp_path / "b.md").read_bytes() == b"New."


@pytest.mark.parametrize(
    "path", ["../x.md", "/x.md", "a/../../x.md", "a\\x.md", "C:x.md", "x.txt", "", ".git/x.md", "a\0.md"]
)
def test_a_path_out_of_the_vault_stops_all_writing(path: str, tmp_path: Path):
    with pytest.raises(InvalidInput, match="inside the vault"):
        write_vault([note("first"), Note(path=path, body="x")], tmp_path)
    assert os.listdir(tmp_path) == []


def test_a_link_in_the_folder_does_not_lead_out(tmp_path: Path):
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault" / "out").symlink_to(tmp_path)
    with pytest.raises(InvalidInput, match="inside the vault"):
        write_vault([Note(path="out/x.md", body="x")], tmp_path / "vault")


def test_what_is_no_vault_is_refused(tmp_path: Path):
    with pytest.raises(UnreadableFile, match="no folder"):
        read_vault(tmp_path / "none")
    (tmp_path / "a.md").write_bytes(b"\xff")
    with pytest.raises(UnreadableFile, match="not UTF-8"):
        read_vault(tmp_path)


YAML_PIECES = [
    "---\n",
    "a: ",
    "[",
    "]",
    "{",
    "}",
    "&x ",
    "*x",
    "!!",
    "- ",
    "|",
    ">",
    "'",
    '"',
    "[[",
    "]]",
    "#t",
    "\n",
    "  ",
    "?",
    ": ",
    "1e3",
    "0x",
    "2001-01-01",
    "~",
    "%YAML 1.1\n",
    "<<: ",
    "\t",
    "\r\n",
    "```\n",
    "b: c\n",
    "a: 1\n",
]


@given(st.text(max_size=300) | st.lists(st.sampled_from(YAML_PIECES), max_size=30).map("".join))
@settings(max_examples=400, deadline=2_000)
def test_any_text_is_a_note_and_comes_back(text: str):
    for whole in (text, f"---\n{text}\n---\n{text}"):
        with contextlib.suppress(UnreadableFile):
            read = note(whole)
            assert write_note(read).decode() == whole
            with contextlib.suppress(InvalidInput):
                assert edit_note(read, properties={"added": "yes"}).properties["added"] == "yes"


@pytest.mark.parametrize("text", ["[[" * 50_000, "#1" * 50_000, "#" + "1" * 50_000, "`" * 50_000, "---\n" * 20_000])
def test_hostile_text_is_read_in_linear_time(text: str):
    assert write_note(note(text)).decode() == text
