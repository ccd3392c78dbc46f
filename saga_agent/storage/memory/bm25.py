"""A small BM25: words folded so that case, diacritics and a plural do not matter, scored per search.

Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with the usual
k1 = 1.2 and b = 0.75, and the idf that stays positive for common words.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from saga_agent.domain.words import words_of

_K1, _B = 1.2, 0.75


def words(text: str) -> list[str]:
    """The text's words, folded; everything that is no letter or digit only parts them."""
    return [_singular(word) for word in words_of(text)]


def scores(query: str, texts: Sequence[str]) -> list[float]:
    """The score of each text for the query; 0 where no word matches."""
    bags = [Counter(words(text)) for text in texts]
    lengths = [bag.total() for bag in bags]
    mean = sum(lengths) / len(lengths) if lengths else 0.0
    found = [0.0] * len(bags)
    for word in set(words(query)):
        holders = sum(1 for bag in bags if word in bag)
        rarity = math.log(1 + (len(bags) - holders + 0.5) / (holders + 0.5))
        for index, bag in enumerate(bags):
            if count := bag[word]:
                norm = _K1 * (1 - _B + _B * lengths[index] / mean)
                found[index] += rarity * count * (_K1 + 1) / (count + norm)
    return found


def _singular(word: str) -> str:
    # Harman's s-stemmer: the order matters, "ss" and "us" are no plurals.
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us")) and len(word) > 3:
        return word[:-1]
    return word
