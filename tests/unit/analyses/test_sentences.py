"""Where sentences end."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saga_agent.analyses.prose import Prose
from saga_agent.analyses.sentences import split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("She ran. He fell.", ["She ran.", "He fell."]),
        ('"Stop!" she said. He did.', ['"Stop!" she said.', "He did."]),
        ("Mr. Holt met Dr. Ames at St. Ives. It rained.", ["Mr. Holt met Dr. Ames at St. Ives.", "It rained."]),
        ("J. R. Cole wrote it. Did he?", ["J. R. Cole wrote it.", "Did he?"]),
        ("Was it I. He knew.", ["Was it I.", "He knew."]),
        ("A title\n\nShe ran on", ["A title", "She ran on"]),
        ("Well… perhaps. “Yes.” “No.”", ["Well… perhaps.", "“Yes.”", "“No.”"]),
        ("It cost 3.50 in all. Cheap!", ["It cost 3.50 in all.", "Cheap!"]),
        ("***\n\n—", []),
        ("", []),
    ],
)
def test_sentences_end_where_readers_see_them_end(text: str, sentences: list[str]) -> None:
    assert [text[start:end] for start, end in split_sentences(text)] == sentences


@given(st.text(alphabet=st.sampled_from("aB .!?\"”“'\n…*-`«»‘’1"), max_size=80))
def test_sentences_lie_in_order_and_all_words_are_in_one(text: str) -> None:
    spans = split_sentences(text)

    assert all(start < end for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    kept = "".join(text[start:end] for start, end in spans)
    assert [char for char in kept if char.isalnum()] == [char for char in text if char.isalnum()]


@given(st.text(alphabet=st.sampled_from("aB .!?\"”“'\n…*-`«»‘’1"), max_size=80))
def test_blanking_moves_no_character(text: str) -> None:
    prose = Prose(text)

    assert len(prose.plain) == len(prose.narration) == len(text)
    for before, after in zip(text, prose.narration, strict=True):
        assert after in (before, " ")


def test_code_and_verse_are_no_prose() -> None:
    text = "She sang:\n\nOver the hill\nAnd under the moon\nThe hounds go by\n\n```\nShe felt = 1\n```\nHe left."

    plain = Prose(text).plain

    assert "hounds" not in plain
    assert "felt" not in plain
    assert plain.startswith("She sang:")
    assert plain.endswith("He left.")


def test_single_quotes_hold_dialogue_where_the_text_uses_them() -> None:
    text = "‘It’s the cat’s,’ said Tam. ‘Isn’t it?’"

    assert Prose(text).narration.split() == ["said", "Tam."]
