"""A bible that is kept links as one that is compiled anew, whatever came and went."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import example, given
from hypothesis import strategies as st

from saga_agent.domain.words import written_words
from saga_agent.linking import compile_bible, link
from saga_agent.linking.entries import read_entries
from saga_agent.linking.lexicon import Lexicon, phrases_of
from tests.unit.linking.bibles import entry

NAMES = (
    "Ann",
    "Annabel Lee",
    "Mr. Ard",
    "Mrs. Ard",
    "Jean-Luc Ard",
    "Order of the Silent Sea",
    "the Sea",
    "Zoë",
    "Zoe\u0301 Lee",
    "O'Hara",
    "李明",
    "明",
    "the crone",
    "Sword of Lee",
    "😀",
    "...",
    "Rose-Ann",
    "A1",
)
KINDS = ("character", "place", "faction", "item")
ALIASES = st.one_of(
    st.sampled_from(NAMES),
    st.builds(
        lambda text, sharp, exclude: {"text": text, "case_sensitive": sharp, "exclude": exclude},
        st.sampled_from(NAMES),
        st.booleans(),
        st.lists(st.sampled_from(["Ann Lee", "the Sea Hag", "李明天", "crone"]), max_size=1),
    ),
)
ENTRIES = st.builds(
    lambda number, kind, name, aliases: entry(name, *aliases, kind=kind, id=f"e{number}"),
    st.integers(0, 5),
    st.sampled_from(KINDS),
    st.sampled_from(NAMES),
    st.lists(ALIASES, max_size=2),
)
PIECES = st.sampled_from(
    [
        *NAMES,
        *(name.upper() for name in NAMES),
        "Lee",
        "Silent",
        "OSS",
        "O.S.S.",
        "swords",
        "Swords of Lee",
        "Mr.",
        "Ann's",
        "crone",
        "李明天",
        "x",
        "é",
        "\u0301",
        "\ud800",
        "-",
        "'",
        "_",
        "\n\n",
        "  ",
        ". ",
        "said",
    ]
)
TEXTS = st.one_of(st.lists(PIECES, max_size=30).map(" ".join), st.lists(PIECES, max_size=30).map("".join))
Steps = Sequence[tuple[bool, dict[str, object]]]


def words_in(text: str) -> frozenset[str]:
    return frozenset(written_words(text))


@given(st.lists(st.tuples(st.booleans(), ENTRIES), max_size=12), TEXTS)
@example([(True, entry("李明", id="e1"))], "xx李明yy")
@example([(True, entry("Ann", id="e1"))], "明Ann明 Ann_Ann")
def test_entries_that_come_and_go_leave_what_a_new_bible_has(steps: Steps, text: str) -> None:
    lexicon, held = Lexicon(), dict[str, dict[str, object]]()
    for stays, each in steps:
        entry_id = str(each["id"])
        if stays:
            held[entry_id] = each
            lexicon.put(*read_entries([each]))
        else:
            held.pop(entry_id, None)
            lexicon.remove(entry_id)

    linked = link(text, lexicon.bible_for(words_in(text)))

    assert linked == link(text, compile_bible(held[each] for each in sorted(held)))
    assert len(lexicon) == len(held)


@given(ENTRIES, TEXTS)
def test_where_an_entry_is_named_all_words_of_one_of_its_phrases_stand(each: dict[str, object], text: str) -> None:
    words, (read,) = words_in(text), read_entries([each])

    if link(text, compile_bible([each])):
        assert any(phrase <= words for phrase in phrases_of(read))


@given(ENTRIES, ENTRIES, st.booleans(), TEXTS)
def test_a_change_that_a_text_is_said_not_to_feel_changes_no_link_of_it(
    first: dict[str, object], second: dict[str, object], goes: bool, text: str
) -> None:
    lexicon, words = Lexicon(), words_in(text)
    lexicon.put(*read_entries([first]))
    before, version = link(text, lexicon.bible_for(words)), lexicon.version
    assert lexicon.is_unchanged(words, since=version)

    if goes:
        lexicon.remove(str(first["id"]))
    else:
        lexicon.put(*read_entries([second]))

    if lexicon.is_unchanged(words, since=version):
        assert link(text, lexicon.bible_for(words)) == before


def test_of_many_namesakes_the_same_ones_count_as_in_a_new_bible() -> None:
    namesakes = [entry("Ann Lee", id=f"e{number:03}") for number in range(120)]
    lexicon = Lexicon()
    for each in reversed(namesakes):
        lexicon.put(*read_entries([each]))
    lexicon.remove("e003")
    left = [each for each in namesakes if each["id"] != "e003"]

    linked = link("Ann saw Lee.", lexicon.bible_for(words_in("Ann saw Lee.")))

    assert linked == link("Ann saw Lee.", compile_bible(left))


def test_what_is_forgotten_of_changes_counts_as_a_change() -> None:
    lexicon = Lexicon()
    for number in range(600):
        lexicon.put(*read_entries([entry(f"Ann{number}", id=f"e{number}")]))

    assert not lexicon.is_unchanged(frozenset(["Nobody"]), since=1)
    assert lexicon.is_unchanged(frozenset(["Nobody"]), since=500)
