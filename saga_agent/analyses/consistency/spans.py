"""Stretches of story time with fuzzy ends, and whether two overlap for certain, perhaps, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from saga_agent.domain.finding import Certainty
from saga_agent.domain.time import StoryInterval, TimeValue


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which units a moment lies, both included; infinite where nothing bounds it."""

    earliest: float = -inf
    latest: float = inf

    @property
    def is_known(self) -> bool:
        """Whether anything is said about it."""
        return self.earliest > -inf or self.latest < inf


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch from its start up to its end, the end not included; a moment is one unit long."""

    start: Bounds
    end: Bounds

    @property
    def is_moment(self) -> bool:
        """Whether it is known to be one unit long."""
        return self.end.latest - self.start.earliest <= 1

    @property
    def is_known(self) -> bool:
        """Whether anything is said about it."""
        return self.start.is_known or self.end.is_known


ALWAYS = Span(Bounds(-inf, -inf), Bounds(inf, inf))


def bounds_of(value: TimeValue | None) -> Bounds:
    """The bounds of a moment; a moment counted from another is not resolved here, so nothing bounds it."""
    if value is None or value.relative_to is not None:
        return Bounds()
    earliest = -inf if value.earliest is None else value.earliest
    return Bounds(earliest, inf if value.latest is None else value.latest)


def span_of(interval: StoryInterval | None) -> Span:
    """The stretch of an interval; an open end lies at infinity."""
    if interval is None:
        return ALWAYS
    start = Bounds(-inf, -inf) if interval.start is None else bounds_of(interval.start)
    end = Bounds(inf, inf) if interval.end is None else bounds_of(interval.end)
    if interval.end is not None and interval.start is not None:
        end = Bounds(max(end.earliest, start.earliest + 1), max(end.latest, start.latest + 1))
    return Span(start, end)


def moment_span(interval: StoryInterval | None) -> Span | None:
    """When something happens: a start without an end is one unit long; None where nothing is known."""
    if interval is None or (interval.start is None and interval.end is None):
        return None
    start = interval.start or interval.end
    span = span_of(StoryInterval(start=start, end=interval.end or start))
    return span if span.is_known else None


def overlap(one: Span, other: Span) -> Certainty | None:
    """Whether two stretches share time whatever their fuzzy ends are, for some choice of them, or for none."""
    if max(one.start.latest, other.start.latest) < min(one.end.earliest, other.end.earliest):
        return "certain"
    if max(one.start.earliest, other.start.earliest) < min(one.end.latest, other.end.latest):
        return "possible"
    return None


def lies_outside(moment: Span, lives: tuple[Span, ...]) -> Certainty | None:
    """Whether a stretch lies outside all these, for certain or perhaps; None when it may be within one.

    What ends on the day something happens, or begins on it, was there on that day.
    """
    if not lives:
        return None
    if all(moment.start.earliest > life.end.latest or moment.end.latest - 1 < life.start.earliest for life in lives):
        return "certain"
    if all(moment.start.latest > life.end.earliest or moment.end.earliest - 1 < life.start.latest for life in lives):
        return "possible"
    return None


def existence_span(interval: StoryInterval) -> Span:
    """An existence, whose last day is its end: not stretched as other intervals are."""
    start = Bounds(-inf, -inf) if interval.start is None else bounds_of(interval.start)
    return Span(start, Bounds(inf, inf) if interval.end is None else bounds_of(interval.end))


def clash(one: StoryInterval, other: StoryInterval) -> Certainty | None:
    """Whether two things that cannot hold together are said to hold at one time.

    The earlier one, when it has no end of its own, ends where the other begins: that is a change, not a clash. What is
    counted from another moment is compared by its words alone.
    """
    if any(value is not None and value.relative_to for value in (one.start, other.start)):
        return "certain" if one == other else None
    first, second = span_of(one), span_of(other)
    if first.start != second.start:
        earlier = one if first.start.earliest <= second.start.earliest else other
        if earlier.end is None:
            return None
    return overlap(first, second)
