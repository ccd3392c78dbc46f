"""The words of a text in two bytes each: whether one of them stands there, with few false alarms.

A Bloom filter of 16 bits a word and six hashes; of words that do not stand there about one in a thousand seems to.

Source: Bloom, "Space/Time Trade-offs in Hash Coding with Allowable Errors" (1970); the hashes are made of two, as
Kirsch and Mitzenmacher, "Less Hashing, Same Performance" (2006), prove to be enough.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final
from zlib import crc32

_BYTES_A_WORD: Final = 2
_HASHES: Final = range(6)


def word_filter(words: Collection[str]) -> bytes:
    """The filter of these words."""
    held = bytearray(_BYTES_A_WORD * len(words) or 1)
    bits = 8 * len(held)
    for word in words:
        place, step = _hash(word)
        for _ in _HASHES:
            place = (place + step) % bits
            held[place >> 3] |= 1 << (place & 7)
    return bytes(held)


class Sought:
    """Phrases to look for: a text may hold one when all its words stand there."""

    def __init__(self, phrases: Iterable[Iterable[str]]) -> None:
        self._phrases: Sequence[Sequence[tuple[int, int]]] = [[_hash(word) for word in each] for each in phrases]

    def may_be_in(self, held: bytes) -> bool:
        """Whether a text with that filter may hold one of the phrases; it does not where this is false."""
        bits = 8 * len(held)
        return any(all(_holds(held, bits, word) for word in phrase) for phrase in self._phrases)


def _holds(held: bytes, bits: int, word: tuple[int, int]) -> bool:
    place, step = word
    for _ in _HASHES:
        place = (place + step) % bits
        if not held[place >> 3] >> (place & 7) & 1:
            return False
    return True


def _hash(word: str) -> tuple[int, int]:
    """Where the word begins in a filter, and how far it goes on."""
    # Multiplied as Knuth does, so that the step's bits are spread anew; a cryptographic hash takes four times as long.
    first = crc32(word.encode("utf-8", "surrogatepass"))
    return first, (first * 2654435761 >> 16 & 0xFFFFFFFF) | 1
