"""A Markov chain over the letters of names: order 3, falling back to 2 where three letters were never seen."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable

_START, _END = "^", "$"
_ORDER = 3
_BACK_OFF = 2
_LONGEST = 24


class NameChain:
    """Learns from a list of names and draws new ones."""

    def __init__(self, names: Iterable[str]) -> None:
        self._follows: dict[str, Counter[str]] = defaultdict(Counter)
        for name in names:
            letters = _START * _ORDER + name.strip().lower() + _END
            for at in range(_ORDER, len(letters)):
                self._follows[letters[at - _ORDER : at]][letters[at]] += 1
                self._follows[letters[at - _BACK_OFF : at]][letters[at]] += 1

    def can_start(self, letters: str) -> bool:
        """Whether some name begins like that, as far as the chain looks."""
        context = _START * _ORDER
        for letter in letters.lower():
            if letter not in self._follows.get(context[-_ORDER:], Counter[str]()):
                return False
            context += letter
        return True

    def draw(self, rng: random.Random, *, starts_with: str = "") -> str:
        """One name, in small letters."""
        letters = starts_with.lower()
        while len(letters) < _LONGEST:
            letter = self._next(rng, _START * _ORDER + letters)
            if letter == _END:
                break
            letters += letter
        return letters

    def _next(self, rng: random.Random, context: str) -> str:
        for order in (_ORDER, _BACK_OFF):
            if follows := self._follows.get(context[-order:]):
                return pick(rng, follows)
        return _END


def pick(rng: random.Random, weights: Counter[str]) -> str:
    """One of the keys by weight; the same for one seed in every version of Python.

    `random()` over sorted items is the only call whose sequence Python promises to keep.
    """
    items = sorted(weights.items())
    at = rng.random() * sum(weight for _, weight in items)
    for key, weight in items:
        at -= weight
        if at < 0:
            return key
    return items[-1][0]
