"""Images by their words: BM25 over captions, tags and the names they show.

Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with k1 = 1.5: captions
are short, and a word that comes twice means more in them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

from saga_agent.domain.words import words_of

_K1, _B = 1.5, 0.75


def score_captions(query: str, captions: Mapping[str, str]) -> dict[str, float]:
    """The score of each caption that has a word of the query, the highest first; by id."""
    bags = {key: Counter(words_of(caption)) for key, caption in captions.items()}
    mean = sum(bag.total() for bag in bags.values()) / len(bags) if bags else 0.0
    found: dict[str, float] = {}
    for word in dict.fromkeys(words_of(query)):
        holders = [key for key, bag in bags.items() if bag[word]]
        rarity = math.log(1 + (len(bags) - len(holders) + 0.5) / (len(holders) + 0.5))
        for key in holders:
            norm = _K1 * (1 - _B + _B * bags[key].total() / mean)
            found[key] = found.get(key, 0.0) + rarity * bags[key][word] * (_K1 + 1) / (bags[key][word] + norm)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
