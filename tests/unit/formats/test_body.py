"""How lines become paragraphs, and the promises that hold for any text."""

import re
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saga_agent.formats.blocks import clean, split_blocks
from saga_agent.formats.body import Body, set_body
from saga_agent.formats.manuscript import parse_manuscript

WORD = re.compile(r"[^\W_]+")
PIECES = [
    "Chapter 1",
    "CHAPTER II. The Sea",
    "Chapter Three",
    "PART ONE",
    "1",
    "2",
    "IV.",
    "I. THE RIVER",
    "# One",
    "## Two",
    "Epilogue",
    "INTERLUDE",
    "Title\n=====",
    "Line\n---",
    "1. item",
    "* * *",
    "#",
    "---",
    "***",
    "- item",
    "> quoted",
    "    indented line",
    "  two in",
    "The Old House",
    "word",
    "“Yes,” he said.",
    "x" * 130,
    "ſix",
    "ıv",
    "第一章",
    "雨が降る",
    "He said nothing more about it, and she did not ask him again then.",
    "so it went on and on until the very end of the line--",
]
BREAKS = ["\n", "\n\n", "\n\n\n", "\r\n", "\r\n\r\n", " ", "  \n", "\f\n", "\n\n\f", "\t", "\u2028", ""]


def texts(pieces: list[str]) -> st.SearchStrategy[str]:
    pairs = st.lists(st.tuples(st.sampled_from(pieces), st.sampled_from(BREAKS)), max_size=30)
    return st.one_of(pairs.map(lambda drawn: "".join(piece + gap for piece, gap in drawn)), st.text(max_size=300))


TEXTS = texts(PIECES)
HEADLESS = texts(PIECES[PIECES.index("* * *") :])


def body(text: str, *, markdown: bool = False) -> Body:
    return set_body(split_blocks(clean(text), markdown=markdown))


def test_wrapped_lines_become_one_paragraph():
    wrapped = (
        "The river had come down in the night with half a hill in\n"
        "it, and by daylight the cable had parted on the\nfar side."
    )
    assert body(wrapped).text == wrapped.replace("\n", " ")


def test_a_wrap_after_a_hyphen_or_dash_leaves_no_blank():
    assert body(
        "She had been wearing the same heavy and very home-\nmade coat all winter long--\nand it showed in the end."
    ).text == ("She had been wearing the same heavy and very home-made coat all winter long--and it showed in the end.")


def test_wrapped_japanese_is_joined_without_blanks():
    line = (
        "雨が降りはじめたので彼は傘をさして駅へ急いだがもう電車は行ってしまったあとでホームには誰もいなかったのである"
    )
    assert body(f"{line}\n{line}").text == line * 2


@pytest.mark.parametrize(
    "kept",
    [
        "O what is that sound\nThat so thrills the ear",
        "How doth the little bee\n   improve each hour,\nAnd gather honey all the day\n   from every flower!",
        "Of arms and men who went upon the water long ago\nAnd never once came home to tell about\n"
        "The wind, the oars\nAnd what they saw beneath the rising moon",
        "    To the Regent, in Carrow, in the year 212, and to all whom it concerns\n    Greetings.",
        "- bread\n- salt\n- string",
        "1. bread\n2. salt",
        "> quoted\n> again",
        "| a | b |\n|---|---|\n| c | d |",
    ],
)
def test_line_breaks_made_on_purpose_stay(kept: str):
    assert body(f"A paragraph.\n\n{kept}\n\nAnother.").text == f"A paragraph.\n\n{kept}\n\nAnother."


def test_a_list_items_wrapped_line_joins_its_item():
    assert body("- bread, and whatever else there may be\n  in the house\n- salt").text == (
        "- bread, and whatever else there may be in the house\n- salt"
    )


def test_an_indented_first_line_begins_a_paragraph():
    text = (
        "   He went down to the river that evening, as he had said\nthat he would, and waited.\n"
        "   Nobody came to the river that evening or on any other\nevening."
    )
    assert body(text).text == (
        "He went down to the river that evening, as he had said that he would, and waited.\n\n"
        "Nobody came to the river that evening or on any other evening."
    )


def test_markdown_keeps_a_forced_line_break():
    text = "The address was written out in full upon the envelope in blue ink  \nand the name below it."
    assert body(text, markdown=True).text == text
    assert "\n" not in body(text).text


@given(TEXTS, st.booleans())
@settings(max_examples=400, deadline=None)
def test_setting_a_body_again_changes_nothing(text: str, markdown: bool):
    once = body(text, markdown=markdown)
    assert body(once.text, markdown=markdown) == once


@given(HEADLESS)
@settings(max_examples=300, deadline=None)
def test_a_text_without_headings_is_stable_as_a_manuscript(text: str):
    book = parse_manuscript(text, name="x")
    if len(book.documents) == 1 and book.documents[0].text and not book.documents[0].heading and not book.asides:
        again = parse_manuscript(book.documents[0].text, name="x")
        assert [(c.text, c.scenes) for c in again.documents] == [(c.text, c.scenes) for c in book.documents]


@given(TEXTS, st.sampled_from(["txt", "markdown"]))
@settings(max_examples=400, deadline=None)
def test_no_word_is_lost_or_moved(text: str, kind: Literal["txt", "markdown"]):
    book = parse_manuscript(text, name="x", kind=kind)
    pieces = [(c.start_line, c.heading + "\n" + c.text) for c in book.documents]
    pieces += [(aside.line or len(text) + 1, aside.text) for aside in book.asides]
    found = "\n".join(piece for _, piece in sorted(pieces, key=lambda p: p[0]))
    # Compared letter by letter: wrapped lines of ideographs join without a blank.
    assert "".join(WORD.findall(found)) == "".join(WORD.findall(clean(text)))


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_scenes_are_ordered_and_hold_every_word(text: str):
    for chapter in parse_manuscript(text, name="x").documents:
        position = 0
        between = ""
        for scene in chapter.scenes:
            assert position <= scene.start < scene.end <= len(chapter.text)
            between += chapter.text[position : scene.start]
            position = scene.end
        assert WORD.findall(between + chapter.text[position:]) == []


@pytest.mark.parametrize(
    "line",
    ["# " + " " * 20_000 + "x", "* " * 20_000 + "x", "x\n" + "=" * 20_000, "I" * 20_000, "# Chapter 1\n# x\n" * 1_500],
)
def test_hostile_lines_are_read_in_linear_time(line: str):
    assert parse_manuscript(line * 5, name="x", kind="markdown").documents
