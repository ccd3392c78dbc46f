"""The account of an import: the source on one side, on the other what was kept and what was set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from saga_agent.conservation.tally import Tally, tally_texts

ROUNDING = 1000
"""One letter in so many may be missing or too many before an import is refused; every one is told."""
MAX_ROUNDING = 20
"""In no book more letters than this, about four words: the shortest paragraph that is lost must not pass."""


@dataclass(frozen=True, slots=True)
class WordAccount:
    """What became of the words of a source. The law: source + added = documents + aside, letter by letter."""

    source: Tally
    added: Tally
    """What the documents say and the text of the source does not, such as a title taken from the navigation."""
    documents: Tally
    """Headings and texts of the documents."""
    aside: Tally

    @property
    def lost(self) -> int:
        """About how many words of the source are neither in a document nor told aside."""
        return self._words((self.source + self.added).letters - (self.documents + self.aside).letters)

    @property
    def doubled(self) -> int:
        """About how many words are in the documents or aside that the source does not have."""
        return self._words((self.documents + self.aside).letters - (self.source + self.added).letters)

    @property
    def is_balanced(self) -> bool:
        """Whether nothing is lost or doubled beyond the rounding."""
        given, taken = (self.source + self.added).letters, (self.documents + self.aside).letters
        off = max((given - taken).total(), (taken - given).total())
        return off <= min(self.source.size // ROUNDING, MAX_ROUNDING)

    def _words(self, letters: Counter[str]) -> int:
        """Letters as words, by the length of the words of this source; one at least for any letter."""
        if not letters:
            return 0
        length = self.source.size / self.source.words if self.source.words else 1
        return max(1, round(letters.total() / length))


def weigh(source: Tally, *, added: Iterable[str], documents: Iterable[str], aside: Iterable[str]) -> WordAccount:
    """The account of a source and of the texts that were made of it."""
    return WordAccount(source, tally_texts(added), tally_texts(documents), tally_texts(aside))
