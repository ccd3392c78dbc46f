"""What holds for any text and any bible."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from hypothesis import example, given
from hypothesis import strategies as st

from saga_agent.linking import Mention, compile_bible, detect, link
from tests.unit.linking.bibles import bible, entry

NAMES = (
    "Ann",
    "Annabel Lee",
    "Mr. Ard",
    "Mrs. Ard",
    "Ard Bel",
    "King",
    "Zoë",
    "O'Hara",
    "Jean-Luc",
    "李明",
    "the crone",
)
PIECES = st.sampled_from(
    [
        *NAMES,
        *(name.upper() for name in NAMES),
        "Bel",
        "Lee",
        "Mr.",
        "the",
        "and",
        "said",
        "Rose",
        ". ",
        ", ",
        "'s",
        "’s",
        "-",
        "--",
        "_",
        "*",
        "\n",
        "\n\n",
        "\r\n",
        "   ",
        "“",
        "”",
        "\u0301",
        "\ud800",
        "I",
        "of",
        "\t",
        "\u00a0",
        "é",
        "😀",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES).map(" ".join), st.lists(PIECES).map("".join))
BIBLE = bible(*NAMES)


def _check(text: str, mentions: Sequence[Mention]) -> None:
    reached = 0
    for mention in mentions:
        assert reached <= mention.start < mention.end <= len(text)
        assert not text[mention.start].isspace()
        assert not text[mention.end - 1].isspace()
        reached = mention.end


def _plain(text: str) -> str:
    straight = unicodedata.normalize("NFC", text).replace("’", "'")
    return " ".join(straight.split()).casefold()


@given(TEXTS)
@example("Ann\u0301 Ann")
def test_links_are_sorted_apart_and_hold_a_name(text: str) -> None:
    mentions = link(text, BIBLE)
    _check(text, mentions)
    parts = {word.casefold() for name in NAMES for word in name.replace("the ", "").split()} | {"crone"}
    for mention in mentions:
        surface = _plain(text[mention.start : mention.end])
        assert any(part in surface for part in parts)
        assert (mention.entity_id is None) == (len(mention.candidates) > 1)


@given(TEXTS)
def test_detections_are_sorted_and_apart(text: str) -> None:
    mentions = detect(text)
    _check(text, mentions)
    assert all(mention.group and mention.entity_id is None for mention in mentions)


@given(st.lists(PIECES).map(" ".join), st.sampled_from(["It rained. ", "nothing at all.\n\n", "xx. \r\n\r\n"]))
def test_unrelated_text_before_only_shifts(text: str, before: str) -> None:
    """A paragraph break parts the two, so that no name can reach across."""
    before = before + "\n\n"
    moved = [
        Mention(m.start + len(before), m.end + len(before), m.entity_id, m.kind, candidates=m.candidates)
        for m in link(text, BIBLE)
    ]
    assert link(before + text, BIBLE) == moved


@given(
    st.lists(st.text(alphabet="abAB .'-_é李", min_size=1, max_size=8).filter(lambda t: t.strip("_* \t")), max_size=8)
)
def test_any_names_make_a_bible_that_finds_them(names: list[str]) -> None:
    entries = [entry(name, id=str(place), kind="item") for place, name in enumerate(names)]
    compiled = compile_bible(entries)
    for name in names:
        mentions = link(name, compiled)
        _check(name, mentions)
        assert mentions


@given(st.lists(st.sampled_from(NAMES), unique=True))
def test_the_order_of_the_bible_does_not_matter(names: list[str]) -> None:
    text = "Ann met Mr. Ard and Annabel Lee. Ard Bel laughed; Ard wept. " * 2
    assert link(text, bible(*names)) == link(text, bible(*sorted(names)))
