"""Somebody in two places at one time, by events and by scenes they tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from saga_agent.analyses.consistency.canon import Canon
from saga_agent.analyses.consistency.existence import UNREAL_MODES
from saga_agent.analyses.consistency.spans import Span, moment_span, overlap
from saga_agent.analyses.findings import finding
from saga_agent.domain.finding import Certainty, Finding


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody at a place for a time, and the event or document that says so."""

    who: str
    place_id: str
    when: Span
    source_id: str
    source: str


def check_places(canon: Canon) -> Iterator[Finding]:
    """Each pair of stays of one character that are apart in space and overlap in time."""
    by_who: defaultdict[str, list[Stay]] = defaultdict(list)
    for stay in stays(canon):
        by_who[stay.who].append(stay)
    for found in by_who.values():
        found.sort(key=lambda stay: stay.when.start.earliest)
        for one, other in combinations(found, 2):
            if certainty := clash(canon, one, other):
                yield finding(
                    "place.two_at_once",
                    f"{canon.name(one.who)} is at {canon.name(one.place_id)} ({one.source}) and at "
                    f"{canon.name(other.place_id)} ({other.source}) at one time.",
                    subjects=[one.who, one.source_id, other.source_id],
                    certainty=certainty,
                )


def stays(canon: Canon) -> Iterator[Stay]:
    """Where characters are said to be: as participants of events, as points of view of documents."""
    for event in canon.events:
        if event.when and event.place_id:
            for who in event.participant_ids:
                yield Stay(who, event.place_id, event.when, event.id, event.name)
    for head in canon.documents:
        when = moment_span(head.story)
        if head.pov_id and head.place_id and when and head.time_mode not in UNREAL_MODES:
            yield Stay(head.pov_id, head.place_id, when, head.id, head.label)


def clash(canon: Canon, one: Stay, other: Stay) -> Certainty | None:
    """Whether two stays exclude each other; within one day somebody may have travelled."""
    if not canon.are_apart(one.place_id, other.place_id):
        return None
    certainty = overlap(one.when, other.when)
    return "possible" if certainty and one.when.is_moment and other.when.is_moment else certainty
