"""What is true when: facts on story time and on reading order, asked for at a point on either axis or on both.

Bounds that are known only roughly count generously when a fact is looked up - it holds wherever it may - and strictly
when two are said to clash: only if no reading of the bounds keeps them apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from saga_agent.domain.entity import Fact
from saga_agent.domain.time import AsOf, StoryInterval, TimeValue


def facts_as_of(facts: Iterable[Fact], at: AsOf) -> list[Fact]:
    """The accepted facts that hold then; of those that replace one another, the latest, and what was added to it.

    On reading order alone, the latest is what the reader learned last; else what began last in the story.
    """
    holding = sorted(
        (fact for fact in facts if fact.status == "accepted" and holds(fact, at)), key=lambda fact: _place(fact, at)
    )
    kept: dict[tuple[str, str, str, str | None], list[Fact]] = {}
    for fact in holding:
        about = (fact.subject_id, fact.predicate, fact.truth, fact.holder_id)
        if fact.mode == "replace":
            kept[about] = [fact]
        else:
            kept.setdefault(about, []).append(fact)
    return [fact for group in kept.values() for fact in group]


def holds(fact: Fact, at: AsOf) -> bool:
    """Whether the fact may be true at that point of the axes that are asked about."""
    return covers(fact.valid, at.story_time) and (
        at.reading_order is None or _revealed(fact) <= at.reading_order < _retired(fact)
    )


def covers(interval: StoryInterval, story_time: int | None) -> bool:
    """Whether that story time may lie in the interval, which ends before its end; None asks nothing."""
    if story_time is None:
        return True
    return earliest(interval.start) <= story_time < latest(interval.end)


def clash(one: Fact, other: Fact) -> bool:
    """Whether both cannot be true: two canonical values of one predicate at the same time, on both axes."""
    return (
        one.id != other.id
        and (one.subject_id, one.predicate) == (other.subject_id, other.predicate)
        and one.truth == other.truth == "canon"
        and one.mode == other.mode == "replace"
        and one.value != other.value
        and overlap(one.valid, other.valid)
        and max(_revealed(one), _revealed(other)) < min(_retired(one), _retired(other))
    )


def overlap(one: StoryInterval, other: StoryInterval) -> bool:
    """Whether both intervals share a moment, however their bounds are read."""
    begin = max(_start_at_latest(one), _start_at_latest(other))
    return begin < min(_end_at_earliest(one), _end_at_earliest(other))


def ended(fact: Fact, start: TimeValue | None, reading_order: int | None) -> Fact:
    """The fact as it is once another takes its place from that point on.

    Story time closes its interval where it is known; else the order of reading does; with neither, or where nothing
    is left of its time, it is superseded altogether.
    """
    if start is not None and earliest(start) > earliest(fact.valid.start):
        return fact.model_copy(update={"valid": StoryInterval(start=fact.valid.start, end=start)})
    if start is None and reading_order is not None and reading_order > _revealed(fact):
        return fact.model_copy(update={"retired_at": reading_order})
    return fact.model_copy(update={"status": "superseded"})


def clashes_with(fact: Fact, others: Sequence[Fact]) -> list[Fact]:
    """The accepted facts among the others that it cannot stand beside."""
    return [other for other in others if other.status == "accepted" and clash(fact, other)]


def earliest(moment: TimeValue | None) -> float:
    """The first time it may be; minus infinity where nothing bounds it. Times counted from another are unbounded."""
    return -math.inf if moment is None or moment.relative_to or moment.earliest is None else moment.earliest


def latest(moment: TimeValue | None) -> float:
    """The last time it may be; infinity where nothing bounds it."""
    return math.inf if moment is None or moment.relative_to or moment.latest is None else moment.latest


def _start_at_latest(interval: StoryInterval) -> float:
    return -math.inf if interval.start is None else latest(interval.start)


def _end_at_earliest(interval: StoryInterval) -> float:
    return math.inf if interval.end is None else earliest(interval.end)


def _revealed(fact: Fact) -> float:
    return -math.inf if fact.revealed_at is None else fact.revealed_at


def _retired(fact: Fact) -> float:
    return math.inf if fact.retired_at is None else fact.retired_at


def _place(fact: Fact, at: AsOf) -> tuple[float, float, str]:
    begin, revealed = earliest(fact.valid.start), _revealed(fact)
    return (revealed, begin, fact.id) if at.story_time is None else (begin, revealed, fact.id)
