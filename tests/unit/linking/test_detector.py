"""Unknown names are found without a model; what cannot be told is left open."""

from __future__ import annotations

import pytest

from saga_agent.linking import Mention, detect

STORY = """CHAPTER ONE: THE ARRIVAL OF OSRIC

Lady Imra Vey came to Karsholm in the rain. "You are late, Osric," said Imra. Osric Thane only laughed.

The road from Karsholm to Dunmere was long. At the gates of Dunmere stood Captain Thane, whose eyes were red.
"I serve the Ashen Circle," he said. The Ashen Circle had soldiers in Dunmere. He sailed aboard the _Wavering_.

Mr. Vey was dead. Mrs. Vey was not. Imra knew. Perhaps Thane knew. Nothing moved in Winter Street on Monday.
"""


def _words(text: str, mentions: list[Mention]) -> list[str]:
    return [text[mention.start : mention.end] for mention in mentions]


def _group(name: str) -> set[str | None]:
    return {m.group for m in detect(STORY) if STORY[m.start : m.end] == name}


def _kind(name: str) -> set[str | None]:
    return {m.kind for m in detect(STORY) if STORY[m.start : m.end] == name}


def test_names_are_found_and_plain_words_are_not() -> None:
    found = set(_words(STORY, detect(STORY)))
    assert {"Lady Imra Vey", "Imra", "Osric", "Osric Thane", "Captain Thane", "Karsholm", "Dunmere", "Mr. Vey"} <= found
    assert {"Ashen Circle", "Wavering", "Winter Street"} <= found
    assert not {"You", "The", "Perhaps", "Nothing", "Monday", "ARRIVAL", "CHAPTER ONE", "At"} & found


def test_a_name_in_capitals_is_the_same_name() -> None:
    assert "OSRIC" in _words(STORY, detect(STORY))
    assert _group("OSRIC") == _group("Osric")


def test_forms_of_one_name_share_a_group() -> None:
    assert _group("Imra") == _group("Lady Imra Vey") == {"imra vey"}
    assert _group("Captain Thane") == _group("Osric Thane") == _group("Thane") == {"osric thane"}


def test_husband_and_wife_do_not_share_a_group() -> None:
    assert _group("Mr. Vey") != _group("Mrs. Vey")


def test_a_surname_of_two_people_joins_neither() -> None:
    text = 'Then Anna Bel met Otto Bel. "So," said Bel. Then Bel left. They saw Bel again.'
    groups = {text[m.start : m.end]: m.group for m in detect(text)}
    assert len({groups["Anna Bel"], groups["Otto Bel"], groups["Bel"]}) == 3


def test_words_that_once_stood_beside_a_name_do_not_rename_it() -> None:
    text = "There Pagan Orlo sat. " + "Then Orlo spoke, and they heard Orlo. " * 10
    assert {m.group for m in detect(text) if text[m.start : m.end] == "Orlo"} == {"orlo"}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Imra", "character"),
        ("Captain Thane", "character"),
        ("Karsholm", "place"),
        ("Dunmere", "place"),
        ("Winter Street", "place"),
        ("Ashen Circle", "faction"),
        ("Wavering", "item"),
    ],
)
def test_cue_words_tell_the_kind(name: str, kind: str) -> None:
    assert _kind(name) == {kind}


def test_without_cues_nobody_guesses() -> None:
    text = "All spoke of Vorn. Nothing is like Vorn."
    assert [(m.kind, m.entity_id, m.candidates) for m in detect(text)] == [(None, None, ())] * 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing here has a capital",
        "The rain fell. It was late. Never mind.",
        "On Monday the English met in April at Christmas.",
        "I think I am. I am!",
        "SHE WAS VERY ANGRY INDEED.",
        "“Yes,” he said. “No,” she said. “Well? Nonsense!”",
        "One evening an Architect met his Uncle.",
        "Happily, nothing came. Running, he fell. Darkness fell.",
    ],
)
def test_plain_text_holds_no_names(text: str) -> None:
    assert detect(text) == []


def test_lines_of_verse_hold_no_names_for_their_capitals() -> None:
    text = "    Tossing the foam,\n    Gathering the waves,\n    Breaking upon us,\n    Lashing the mast\n"
    assert detect(text) == []


def test_the_same_text_gives_the_same_groups() -> None:
    assert detect(STORY) == detect(STORY)
