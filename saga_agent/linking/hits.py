"""Whole names in a text: what the automaton finds, less what is part of another word or name."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from saga_agent.domain.words import UNSPACED
from saga_agent.linking.bible import Bible, NameClaim, NameKey

_PLAIN_ENDS = frozenset(' ,.;:!?\n"')


class NameHit(NamedTuple):
    """A name of the bible in the even text, and who may own it there."""

    start: int
    end: int
    claims: tuple[NameClaim, ...]


@dataclass(frozen=True, slots=True)
class _Spans:
    starts: list[int] = field(default_factory=list[int])
    ends: list[int] = field(default_factory=list[int])

    def cover(self, start: int, end: int) -> bool:
        """Whether one of the spans holds this one; `ends` keeps the furthest end up to each start."""
        place = bisect_right(self.starts, start)
        return place > 0 and self.ends[place - 1] >= end


def find_hits(flat: str, bible: Bible) -> list[NameHit]:
    """The whole names, sorted, without overlap; of two that overlap the longer, else the first."""
    if bible.automaton is None:
        return []
    found: list[NameHit] = []
    forbidden: defaultdict[NameKey, list[tuple[int, int]]] = defaultdict(list)
    for pattern, start, end in bible.automaton.find_matches_as_indexes(flat, overlapping=True):
        if not _stands_alone(flat, start, end):
            continue
        if bible.claims[pattern]:
            found.append(NameHit(start, end, bible.claims[pattern]))
        for key in bible.exclusions[pattern]:
            forbidden[key].append((start, end))
    return list(_longest(_allowed(found, forbidden) if forbidden else found))


def _allowed(found: Iterable[NameHit], forbidden: Mapping[NameKey, list[tuple[int, int]]]) -> list[NameHit]:
    spans: dict[NameKey, _Spans] = {}
    for key, places in forbidden.items():
        places.sort()
        spans[key] = _Spans([start for start, _ in places], list(accumulate((end for _, end in places), max)))
    nowhere = _Spans()
    kept: list[NameHit] = []
    for start, end, claims in found:
        left = tuple(claim for claim in claims if not spans.get(claim.key, nowhere).cover(start, end))
        if left:
            kept.append(NameHit(start, end, left))
    return kept


def _longest(found: list[NameHit]) -> Iterable[NameHit]:
    found.sort(key=lambda hit: (hit.start, -hit.end))
    held: NameHit | None = None
    for hit in found:
        if held is not None and hit.start >= held.end:
            yield held
            held = hit
        # "the League" must not keep "League of Quiet Stars" from being read.
        elif held is None or hit.end - hit.start > held.end - held.start:
            held = hit
    if held is not None:
        yield held


def _stands_alone(flat: str, start: int, end: int) -> bool:
    """Whether neither side of the span goes on with the same word, or with a name joined to it ("Jean-Ann")."""
    if flat[start - 1 : start] == " " and flat[end : end + 1] in _PLAIN_ENDS:
        return True
    if end < len(flat) and _goes_on(flat[end - 1], flat[end]):
        return False
    if start and _goes_on(flat[start - 1], flat[start]):
        return False
    after = flat[end : end + 2]
    if after[:1] in {"-", "'"} and len(after) > 1 and after[1].isupper():
        return False
    joint = flat[start - 1] if start > 1 else ""
    return joint not in {"-", "'"} or not _is_joined(flat, start - 1)


def _goes_on(left: str, right: str) -> bool:
    """Whether two neighbours belong to one word."""
    if left.isalnum() and right.isalnum():
        return (left.isascii() and right.isascii()) or not (_is_unspaced(left) or _is_unspaced(right))
    return not right.isascii() and unicodedata.combining(right) > 0


def _is_joined(flat: str, joint: int) -> bool:
    """Whether the hyphen or apostrophe ties a capitalised word ("Jean-", "O'") to what follows."""
    start = joint
    while start and flat[start - 1].isalpha():
        start -= 1
    return start < joint and (flat[start].isupper() or flat[joint] == "'")


def _is_unspaced(character: str) -> bool:
    code = ord(character)
    return any(low <= code <= high for low, high in UNSPACED)
