"""How alike two names are, for readers and for typing fingers."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

SAME = 0.88
"""Jaro-Winkler from which on two names are taken for one another (Marta/Martha .967, Aria/Arya .867 by one edit)."""
ALIKE = 0.80
"""From here on two names with one initial are mixed up (Sauron/Saruman .826, but Elena/Elaine .791)."""


def folded(name: str) -> str:
    """The name without accents and case."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).strip()


def likeness(one: str, other: str) -> float:
    """The Jaro-Winkler similarity of two names, accents and case aside: 0 to 1."""
    return JaroWinkler.similarity(folded(one), folded(other))


def is_one_edit(one: str, other: str) -> bool:
    """Whether one letter more, less, changed or swapped makes one name the other, or they are the same."""
    return DamerauLevenshtein.distance(folded(one), folded(other), score_cutoff=1) <= 1


def is_taken_for(one: str, other: str) -> bool:
    """Whether readers would take the names for one another."""
    return is_one_edit(one, other) or likeness(one, other) >= SAME


def is_mixed_up(one: str, other: str) -> bool:
    """Whether the names share their initial and are alike."""
    first, second = folded(one), folded(other)
    return first[:1] == second[:1] and JaroWinkler.similarity(first, second) >= ALIKE


class TakenNames:
    """A list of names that a new one must not be taken for; quick for thousands of them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = [name for name in dict.fromkeys(names) if name.strip()]
        self._folded = [folded(name) for name in self._names]

    def add(self, name: str) -> None:
        """Takes one more name in."""
        self._names.append(name)
        self._folded.append(folded(name))

    def nearest(self, name: str) -> tuple[str | None, float]:
        """The name most like it, with the likeness; none for an empty list."""
        best = process.extractOne(folded(name), self._folded, scorer=JaroWinkler.similarity)
        return (self._names[best[2]], best[1]) if best else (None, 0.0)

    def is_taken_for_one(self, name: str) -> bool:
        """Whether readers would take the name for one of the list."""
        new = folded(name)
        return (
            process.extractOne(new, self._folded, scorer=JaroWinkler.similarity, score_cutoff=SAME) is not None
            or process.extractOne(new, self._folded, scorer=DamerauLevenshtein.distance, score_cutoff=1) is not None
        )
