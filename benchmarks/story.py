"""Made-up words for the benchmarks: the same ones every time, spread as in real text."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from typing import Final

_SYLLABLES: Final = "an bar cor del en fal gor hal in jor kel lor mar nor or pel qua ras sel tor un val wen yor zel"
_COMMON: Final = (
    "the of and to a in that he was it his with as had for at on but she they not be from her this all were by so out"
)


class Author:
    """Writes text of any length; word frequencies follow Zipf's law."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def words(self, count: int) -> list[str]:
        """That many words."""
        vocabulary, weights = _vocabulary()
        return self._random.choices(vocabulary, cum_weights=weights, k=count)

    def text(self, count: int) -> str:
        """That many words, in sentences and paragraphs."""
        words = self.words(count)
        lines: list[str] = []
        start = 0
        while start < count:
            length = self._random.randint(6, 22)
            sentence = " ".join(words[start : start + length])
            end = ".\n\n" if self._random.random() < 0.15 else ". "
            lines.append(sentence[0].upper() + sentence[1:] + end)
            start += length
        return "".join(lines).strip()

    def names(self, count: int) -> list[str]:
        """That many names, all different."""
        names: dict[str, None] = {}
        while len(names) < count:
            names[f"{_word(self._random, 3).title()} {_word(self._random, 3).title()}"] = None
        return list(names)


@cache
def _vocabulary() -> tuple[Sequence[str], Sequence[float]]:
    source = random.Random(1)
    words: dict[str, None] = dict.fromkeys(_COMMON.split())
    while len(words) < 30_000:
        words[_word(source, source.randint(1, 4))] = None
    return list(words), list(accumulate(1 / rank for rank in range(1, len(words) + 1)))


def _word(source: random.Random, length: int) -> str:
    return "".join(source.choices(_SYLLABLES.split(), k=length))
