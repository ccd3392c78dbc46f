"""Where sentences start, at the edges of the text too."""

from __future__ import annotations

import pytest

from saga_agent.linking.sentences import starts_sentence


@pytest.mark.parametrize(
    ("text", "word", "starts"),
    [
        ("Mira rowed.", "Mira", True),
        ("She left. Mira rowed.", "Mira", True),
        ("Mr. Voss rowed", "Voss", False),
        ("Dr. Voss rowed.", "Voss", False),
        ("J. Voss rowed.", "Voss", False),
        ("J. R. Voss rowed", "R", False),
        ("So did I. Voss rowed.", "Voss", True),
        ("then Mr. Voss rowed.", "Voss", False),
        (". Voss rowed.", "Voss", True),
        ("it was he -- Voss rowed.", "Voss", True),
    ],
)
def test_a_dot_after_a_title_or_an_initial_ends_nothing_wherever_it_stands(text: str, word: str, starts: bool) -> None:
    assert starts_sentence(text, text.index(word)) is starts
