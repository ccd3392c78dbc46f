"""Facts that cannot both hold: one predicate of one subject with two values at one time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import inf

from pydantic import JsonValue

from saga_agent.analyses.consistency.canon import Canon
from saga_agent.analyses.consistency.spans import Span, clash, span_of
from saga_agent.analyses.findings import fact_evidence, finding
from saga_agent.domain.entity import Fact
from saga_agent.domain.finding import Finding


@dataclass(frozen=True, slots=True)
class StoryPosition:
    """Where in the story something is said: story time and reading order, as far as known."""

    when: Span | None = None
    reading_order: int | None = None


def check_facts(canon: Canon) -> Iterator[Finding]:
    """Each pair of facts that give one thing two values at one time.

    A value without an end holds until the next one begins: that is a change, not a contradiction.
    """
    for facts in _by_predicate(canon.accepted).values():
        for one, other in combinations(facts, 2):
            if one.mode == other.mode == "replace" and not is_same_value(one.value, other.value):
                certainty = clash(one.valid, other.valid)
                if certainty and not _differ_in_reading(one, other):
                    yield finding(
                        "fact.contradiction",
                        f"{canon.name(one.subject_id)}: {one.predicate} is {one.value!s} and also {other.value!s} "
                        "at one time.",
                        subjects=[one.subject_id],
                        evidence=[*fact_evidence(one, other), *one.evidence, *other.evidence],
                        certainty=certainty,
                    )


def values_at(facts: Sequence[Fact], moment: StoryPosition) -> list[Fact]:
    """Those of one predicate's facts that hold at the moment: the one begun last, and those that begin during it.

    Without a story time the reading order decides, and without both all of them hold.
    """
    when = moment.when
    if when is not None:
        begun = [fact for fact in facts if _may_hold(fact, when)]
        starts = [span_of(fact.valid).start.earliest for fact in begun]
        latest = max((start for start in starts if start <= when.start.earliest), default=-inf)
        return [fact for fact in begun if fact.mode == "add" or span_of(fact.valid).start.latest >= latest]
    order = moment.reading_order
    if order is None:
        return list(facts)
    told = [
        fact
        for fact in facts
        if (fact.revealed_at or 0) <= order and (fact.retired_at is None or fact.retired_at > order)
    ]
    last = max((fact.revealed_at or 0 for fact in told), default=0)
    return [fact for fact in told if fact.mode == "add" or (fact.revealed_at or 0) == last]


def is_same_value(one: JsonValue, other: JsonValue) -> bool:
    """Whether two values say the same: case, articles and a finer shade ("dark blue") aside."""
    if isinstance(one, str) and isinstance(other, str):
        first, second = _words(one), _words(other)
        return first == second or (bool(first) and bool(second) and (first <= second or second <= first))
    return one == other


def _words(value: str) -> set[str]:
    return set(value.casefold().replace("-", " ").replace(",", " ").split()) - {"a", "an", "the", "and"}


def _by_predicate(facts: Sequence[Fact]) -> dict[tuple[str, str], list[Fact]]:
    groups: defaultdict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        groups[fact.subject_id, fact.predicate.casefold()].append(fact)
    return groups


def _differ_in_reading(one: Fact, other: Fact) -> bool:
    """Whether one is retired, in the order of reading, before the other is told."""
    return any(
        first.retired_at is not None and second.revealed_at is not None and first.retired_at <= second.revealed_at
        for first, second in ((one, other), (other, one))
    )


def _may_hold(fact: Fact, when: Span) -> bool:
    span = span_of(fact.valid)
    return span.start.earliest < when.end.latest and span.end.latest > when.start.earliest
