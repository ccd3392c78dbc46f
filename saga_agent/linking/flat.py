"""A text made even for searching, with a way back to where each character stood."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

_SPACES = re.compile("  +")
_SURROGATES = re.compile("[\ud800-\udfff]")
_EVEN = {"\t": " ", "\r": " ", "\n": " "}
_EVEN_WIDE = {"\u2019": "'", "\u2018": "'", "\u00a0": " ", "\u202f": " ", "\u2011": "-", "\u2010": "-"}


@dataclass(frozen=True, slots=True)
class FlatText:
    """Every run of white space is one space, or one newline where a paragraph ends; quotes are straight."""

    text: str
    _cuts: Sequence[int]
    _lost: Sequence[int]

    def origin(self, index: int) -> int:
        """Where the character at `index` stands in the text as given."""
        place = bisect_right(self._cuts, index)
        return index + self._lost[place - 1] if place else index


def flatten(text: str) -> FlatText:
    """The even form of a text, in one pass."""
    even = even_characters(text)
    pieces: list[str] = []
    cuts: list[int] = []
    lost: list[int] = []
    position = dropped = 0
    for run in _SPACES.finditer(even):
        start, end = run.span()
        pieces.append(even[position:start])
        pieces.append("\n" if text.count("\n", start, end) > 1 else " ")
        position = end
        cuts.append(start + 1 - dropped)
        dropped += end - start - 1
        lost.append(dropped)
    if not cuts:
        return FlatText(even, (), ())
    pieces.append(even[position:])
    return FlatText("".join(pieces), cuts, lost)


def even_characters(text: str) -> str:
    """The text with straight quotes and plain spaces, each character in its place."""
    for old, new in _EVEN.items():
        text = text.replace(old, new)
    if text.isascii():
        return text
    for old, new in _EVEN_WIDE.items():
        text = text.replace(old, new)
    try:
        text.encode()
    except UnicodeEncodeError:
        # Half a surrogate pair is no character; the automaton would refuse the whole text for it.
        return _SURROGATES.sub("\ufffd", text)
    return text
