"""Passages for retrieval: where they are cut, and that they cover the text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saga_agent.errors import InvalidInput
from saga_agent.formats.passages import split_passages


def passages(text: str, target: int) -> list[str]:
    return [text[passage.start : passage.end] for passage in split_passages(text, target_chars=target)]


def test_whole_paragraphs_are_packed_up_to_the_target():
    assert passages("One one.\n\nTwo two.\n\nThree three.", 20) == ["One one.\n\nTwo two.", "Three three."]


def test_a_long_paragraph_is_cut_after_a_sentence():
    assert passages("He came in. “Where?” she said. Nobody spoke.", 32) == [
        "He came in. “Where?” she said.",
        "Nobody spoke.",
    ]


def test_an_abbreviation_does_not_end_a_sentence():
    assert passages("They saw Mr. Kell. Then they left.", 20) == ["They saw Mr. Kell.", "Then they left."]


def test_a_long_sentence_is_cut_between_words_and_a_long_word_inside():
    assert passages("aaa bbb ccc ddd", 7) == ["aaa bbb", "ccc ddd"]
    assert passages("abcdefghij", 4) == ["abcd", "efgh", "ij"]


def test_nothing_comes_of_nothing():
    assert passages(" \n\n ", 10) == []


def test_a_target_below_one_is_refused():
    with pytest.raises(InvalidInput, match="positive"):
        split_passages("Text.", target_chars=0)


@given(st.text(alphabet=st.sampled_from("ab.!? \n\t“”é雨。-"), max_size=400), st.integers(1, 60))
@settings(deadline=None)
def test_passages_cover_the_text_in_order_without_overlap(text: str, target: int):
    position = 0
    for passage in split_passages(text, target_chars=target):
        assert position <= passage.start < passage.end <= passage.start + target
        assert not text[position : passage.start].strip()
        position = passage.end
    assert not text[position:].strip()
