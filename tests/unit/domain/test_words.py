"""Words as searching compares them."""

import pytest

from saga_agent.domain.words import capitalised_words, telling_words, words_of


def test_words_are_folded() -> None:
    assert words_of("ZOË’s Äskil_Москва, №7 straße") == ["zoe", "s", "askil", "москва", "no7", "strasse"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What is the ferry's name, and why?", ["ferry", "name"]),
        ("Who saw Will? I will.", ["saw", "will"]),
        ("Will you come? Will it rain?", ["come", "rain"]),
        ("who is it", ["who", "is", "it"]),
        ("ferry, Ferry, FERRY", ["ferry"]),
        ("", []),
    ],
)
def test_words_that_tell_nothing_are_left_out(text: str, words: list[str]) -> None:
    assert telling_words(text) == words


def test_a_capital_letter_inside_a_sentence_makes_a_name() -> None:
    assert capitalised_words("Tell me of Tove, and “Lysne Bank”. Then I wait; Runa goes.") == {
        "tove",
        "lysne",
        "bank",
        "runa",
    }
