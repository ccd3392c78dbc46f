"""The graph of who is tied to whom: what lies around somebody, the way between two, and where to draw it."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from saga_agent.domain.entity import Relationship

_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Ring:
    """Entities by their distance from where the graph begins."""

    hops: Mapping[str, int]
    dropped: int
    """How many did not fit."""


def neighbours_of(ties: Iterable[Relationship]) -> dict[str, dict[str, float]]:
    """For each entity those it is tied to, with the strength of all ties between them."""
    found: dict[str, dict[str, float]] = {}
    for tie in ties:
        for one, other in ((tie.source_id, tie.target_id), (tie.target_id, tie.source_id)):
            beside = found.setdefault(one, {})
            beside[other] = beside.get(other, 0.0) + tie.strength
    return found


def around(centre: Sequence[str], neighbours: Mapping[str, Mapping[str, float]], *, depth: int, most: int) -> Ring:
    """The entities up to `depth` ties away; where they are too many, the nearest, then those with the most ties."""
    hops = dict.fromkeys(centre, 0)
    waiting = deque(hops)
    while waiting:
        at = waiting.popleft()
        if hops[at] < depth:
            for beside in sorted(neighbours.get(at, {})):
                if beside not in hops:
                    hops[beside] = hops[at] + 1
                    waiting.append(beside)
    return kept(hops, neighbours, most=most)


def kept(hops: Mapping[str, int], neighbours: Mapping[str, Mapping[str, float]], *, most: int) -> Ring:
    """The first `most` by distance, weighted degree and id."""
    ranked = sorted(hops, key=lambda each: (hops[each], -sum(neighbours.get(each, {}).values()), each))
    return Ring({each: hops[each] for each in ranked[:most]}, max(0, len(ranked) - most))


def way_between(start: str, goal: str, neighbours: Mapping[str, Mapping[str, float]]) -> list[str]:
    """The entities on the shortest way, both ends included; empty when there is none."""
    came_from: dict[str, str | None] = {start: None}
    waiting = deque([start])
    while waiting and goal not in came_from:
        at = waiting.popleft()
        for beside in sorted(neighbours.get(at, {})):
            if beside not in came_from:
                came_from[beside] = at
                waiting.append(beside)
    way: list[str] = []
    step: str | None = goal if goal in came_from else None
    while step is not None:
        way.append(step)
        step = came_from[step]
    return way[::-1]


def ring_layout(ring: Ring) -> dict[str, tuple[float, float]]:
    """Where to draw each: on circles by distance, the same for the same input."""
    by_hop: dict[int, list[str]] = {}
    for each, hop in ring.hops.items():
        by_hop.setdefault(hop, []).append(each)
    places: dict[str, tuple[float, float]] = {}
    for hop, members in by_hop.items():
        radius = hop if hop or len(members) == 1 else 0.5
        radius = 0.0 if hop == 0 and len(members) == 1 else float(radius)
        for number, each in enumerate(members):
            angle = 2 * math.pi * number / len(members)
            places[each] = (round(radius * math.cos(angle), _DIGITS), round(radius * math.sin(angle), _DIGITS))
    return places
