"""Tallies: how much text there is, by its letters and digits, whatever happens to blanks, marks and line ends."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from saga_agent.domain.words import count_words


@dataclass(frozen=True, slots=True)
class Tally:
    """The words of a text and, for the law, each of its letters and digits with the times it stands there."""

    words: int = 0
    letters: Counter[str] = field(default_factory=Counter[str])

    @property
    def size(self) -> int:
        """How many letters and digits there are."""
        return self.letters.total()

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.words + other.words, self.letters + other.letters)


def tally_text(text: str) -> Tally:
    """The tally of a text as it is stored, composed (NFC)."""
    composed = unicodedata.normalize("NFC", text)
    counted = Counter(composed)
    return Tally(count_words(composed), Counter({char: n for char, n in counted.items() if char.isalnum()}))


def tally_texts(texts: Iterable[str]) -> Tally:
    """The tally of several texts, one beside the other; a word never goes on from one into the next."""
    words = 0
    letters: Counter[str] = Counter()
    for text in texts:
        one = tally_text(text)
        words += one.words
        letters.update(one.letters)
    return Tally(words, letters)
