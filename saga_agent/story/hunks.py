"""Hunks of a text: made from two versions of it, and placed on a third that somebody wrote on meanwhile.

A hunk goes only where its words stand exactly as they were, and where enough of their surroundings is left to tell the
place. Everything else is reported: a hunk is never forced, and never put on a guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from diff_match_patch import diff_match_patch
from rapidfuzz.distance import Levenshtein

from saga_agent.domain.hunk import Hunk
from saga_agent.domain.time import Scene

_CONTEXT = 64
"""Characters kept of what stands on either side of a hunk."""
_SHORTEST = 12
"""A hunk with fewer characters before or after is widened, so that either is seldom found elsewhere."""
_OWN_PLACE = 40
"""So many characters are a place of their own when they occur once, whatever stands around them."""
_LIKE = 0.5
"""How much of the surroundings must be left; near edits of one side leave half."""
_CLEARLY = 0.1
"""How much better than the second best a place must be."""
_MOST_PLACES = 200


@dataclass(frozen=True, slots=True)
class PlacedHunks:
    """What came of placing hunks on a text."""

    text: str
    placed: tuple[str, ...]
    """The ids of the hunks that found their place."""
    unplaced: tuple[str, ...]
    spans: tuple[tuple[int, int, int], ...] = ()
    """What was replaced, in order: start and end before, and the number of characters there now."""

    def moved(self, offset: int) -> int:
        """Where an offset of the text before lies now; one inside a replaced span at its end at the latest."""
        shift = 0
        for start, end, size in self.spans:
            if offset < end:
                return min(offset, start + size) + shift if offset > start else offset + shift
            shift += size - (end - start)
        return offset + shift


@dataclass(slots=True)
class _Cut:
    start: int
    end: int
    after: str


def hunks_between(old: str, new: str) -> tuple[Hunk, ...]:
    """The hunks that make `new` of `old`, in order."""
    cuts: list[_Cut] = []
    at = 0
    differ: Any = diff_match_patch()  # it has no types
    found: list[tuple[int, str]] = differ.diff_main(old, new)
    differ.diff_cleanupSemantic(found)
    for kind, words in found:
        if kind == 0:
            at += len(words)
            continue
        cut = cuts[-1] if cuts and cuts[-1].end == at else _Cut(at, at, "")
        if not cuts or cuts[-1] is not cut:
            cuts.append(cut)
        if kind < 0:
            cut.end += len(words)
            at += len(words)
        else:
            cut.after += words
    return build_hunks(old, [(cut.start, cut.end, cut.after) for cut in cuts])


def build_hunks(text: str, cuts: Sequence[tuple[int, int, str]], *, why: Sequence[str] = ()) -> tuple[Hunk, ...]:
    """The hunks that put words in the place of these spans (start, end, words), which lie in order and apart.

    Short ones are widened by what stands around them; those that then touch become one.
    """
    wide: list[_Cut] = []
    reasons: list[list[str]] = []
    for number, (start, end, after) in enumerate(cuts):
        floor = wide[-1].end if wide else 0
        ceiling = cuts[number + 1][0] if number + 1 < len(cuts) else len(text)
        cut = _widened(text, _Cut(start, end, after), floor=floor, ceiling=ceiling)
        reason = why[number] if number < len(why) else ""
        if wide and cut.start <= wide[-1].end:
            last = wide[-1]
            last.after += text[last.end : start] + after + text[end : cut.end]
            last.end = cut.end
            reasons[-1].append(reason)
        else:
            wide.append(cut)
            reasons.append([reason])
    return tuple(
        Hunk(
            id=str(number),
            start=cut.start,
            before=text[cut.start : cut.end],
            after=cut.after,
            lead=text[max(0, cut.start - _CONTEXT) : cut.start],
            tail=text[cut.end : cut.end + _CONTEXT],
            why=" ".join(filter(None, reason)),
        )
        for number, (cut, reason) in enumerate(zip(wide, reasons, strict=True), start=1)
    )


def place_hunks(hunks: Sequence[Hunk], text: str, *, unchanged: bool = False) -> PlacedHunks:
    """The text with all hunks that find their place in it; `unchanged` when it is the text they were made for."""
    spans: list[tuple[int, int, str]] = []
    placed: list[str] = []
    unplaced: list[str] = []
    for hunk in hunks:
        start = hunk.start if unchanged and text.startswith(hunk.before, hunk.start) else find_place(hunk, text)
        span = None if start is None else (start, start + len(hunk.before), hunk.after)
        if span is None or any(span[0] < end and begin < span[1] for begin, end, _ in spans):
            unplaced.append(hunk.id)
        else:
            spans.append(span)
            placed.append(hunk.id)
    for start, end, after in sorted(spans, reverse=True):
        text = text[:start] + after + text[end:]
    replaced = tuple(sorted((start, end, len(after)) for start, end, after in spans))
    return PlacedHunks(text, tuple(placed), tuple(unplaced), replaced)


def find_place(hunk: Hunk, text: str) -> int | None:
    """Where the hunk's words stand in the text; None when they are gone or may be meant in several places."""
    if not hunk.before:
        return 0 if not text else None
    places = _places(hunk.before, text)
    if len(places) == 1 and len(hunk.before) >= _OWN_PLACE:
        return places[0]
    nearest = sorted(places, key=lambda place: abs(place - hunk.start))[:_MOST_PLACES]
    scored = sorted(((_likeness(hunk, text, place), place) for place in nearest), reverse=True)
    if not scored or scored[0][0] < _LIKE or (len(scored) > 1 and scored[0][0] - scored[1][0] < _CLEARLY):
        return None
    return scored[0][1]


def inverse(hunks: Sequence[Hunk]) -> tuple[Hunk, ...]:
    """The hunks that take these back, made for the text that these lead to."""
    shift = 0
    back: list[Hunk] = []
    for hunk in sorted(hunks, key=lambda hunk: hunk.start):
        moved = {"start": hunk.start + shift, "before": hunk.after, "after": hunk.before}
        back.append(hunk.model_copy(update=moved))
        shift += len(hunk.after) - len(hunk.before)
    return tuple(back)


def moved_scene(scene: Scene, placed: PlacedHunks) -> Scene:
    """The scene with the offsets it has in the text after the hunks were placed."""
    return scene.model_copy(update={"start": placed.moved(scene.start), "end": placed.moved(scene.end)})


def _widened(text: str, cut: _Cut, *, floor: int, ceiling: int) -> _Cut:
    """The cut with at least `_SHORTEST` characters before and after, where there are so many within the bounds."""
    missing = _SHORTEST - min(cut.end - cut.start, len(cut.after))
    if missing <= 0:
        return cut
    start = max(floor, cut.start - missing)
    end = min(ceiling, cut.end + missing - (cut.start - start))
    return _Cut(start, end, text[start : cut.start] + cut.after + text[cut.end : end])


def _places(words: str, text: str) -> list[int]:
    places: list[int] = []
    at = text.find(words)
    while at >= 0:
        places.append(at)
        at = text.find(words, at + 1)
    return places


def _likeness(hunk: Hunk, text: str, place: int) -> float:
    """From 0 to 1: how much of the hunk's surroundings stands around that place."""
    size = len(hunk.lead) + len(hunk.tail)
    if not size:
        return 1.0
    end = place + len(hunk.before)
    lead = text[max(0, place - len(hunk.lead)) : place]
    tail = text[end : end + len(hunk.tail)]
    # From the hunk outwards, so that what was written farther away does not shift what stands next to it.
    off = Levenshtein.distance(hunk.lead[::-1], lead[::-1]) + Levenshtein.distance(hunk.tail, tail)
    return 1 - off / size
