"""Who might belong together: shared relations, shared scenes, and goals that cross."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from saga_agent.analyses.findings import finding_id
from saga_agent.analyses.goals import crossing_goals
from saga_agent.domain.entity import Entity, Relationship
from saga_agent.domain.record import JsonObject

Pair = tuple[str, str]
"""Two ids in their order."""

SUGGESTED = "connection.suggested"
"""The code that a waiver of a suggested pair carries."""
KINDS = ("relations", "scenes", "goals")
LEAST_SUPPORT = 3
"""Scenes two must share before that says anything: two walk-ons met once would score a perfect 1."""
_GOAL_SCORE = 1.0
_SHOWN = 5
"""How many shared neighbours or scenes a reason names."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why two might belong together."""

    kind: str
    score: float
    data: JsonObject


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two entities, the reasons, and their scores together."""

    a: str
    b: str
    reasons: list[Reason] = field(default_factory=list[Reason])

    @property
    def score(self) -> float:
        """The scores of all reasons together."""
        return sum(reason.score for reason in self.reasons)

    @property
    def id(self) -> str:
        """What a waiver names it by; the same for the same pair."""
        return finding_id(SUGGESTED, (self.a, self.b), ())


def neighbours_of(edges: Iterable[Pair]) -> dict[str, set[str]]:
    """Who each is tied to, in either direction."""
    around: defaultdict[str, set[str]] = defaultdict(set)
    for one, other in edges:
        if one != other:
            around[one].add(other)
            around[other].add(one)
    return dict(around)


def adamic_adar(edges: Iterable[Pair]) -> dict[Pair, float]:
    """The score of each pair without an edge: shared neighbours, each worth 1/ln of how many it has itself."""
    neighbours = neighbours_of(edges)
    scores: defaultdict[Pair, float] = defaultdict(float)
    for around in neighbours.values():
        for one, other in combinations(sorted(around), 2):
            if other not in neighbours[one]:
                scores[one, other] += 1 / math.log(len(around))
    return dict(scores)


def npmi(scenes: Sequence[Collection[str]], *, least_support: int = LEAST_SUPPORT) -> dict[Pair, tuple[float, int]]:
    """How much more often than by chance two share a scene: -1 to 1, with the number of scenes shared.

    Pairs that share fewer scenes than `least_support` are left out.
    """
    alone: Counter[str] = Counter()
    together: Counter[Pair] = Counter()
    for scene in scenes:
        present = sorted(set(scene))
        alone.update(present)
        together.update(combinations(present, 2))
    total = len(scenes)
    scores: dict[Pair, tuple[float, int]] = {}
    for (one, other), count in together.items():
        if count >= least_support:
            share = count / total
            surprise = math.log(share / (alone[one] / total * (alone[other] / total)))
            scores[one, other] = (surprise / -math.log(share) if share < 1 else 1.0, count)
    return scores


def suggest(
    entities: Sequence[Entity],
    relationships: Iterable[Relationship],
    scenes: Mapping[str, Collection[str]],
    *,
    kinds: Collection[str] = KINDS,
) -> list[Suggestion]:
    """Pairs without a relation of their own, the highest score first.

    `scenes` holds who is in each document or scene, by its id.
    """
    known = {entity.id for entity in entities}
    edges = [
        (tie.source_id, tie.target_id) for tie in relationships if tie.source_id in known and tie.target_id in known
    ]
    related = {frozenset(edge) for edge in edges}
    found: dict[Pair, Suggestion] = {}
    for pair, reason in _reasons(entities, edges, scenes, kinds):
        if frozenset(pair) not in related and known.issuperset(pair):
            found.setdefault(pair, Suggestion(*pair)).reasons.append(reason)
    return sorted(found.values(), key=lambda each: (-each.score, each.a, each.b))


def _reasons(
    entities: Sequence[Entity], edges: Sequence[Pair], scenes: Mapping[str, Collection[str]], kinds: Collection[str]
) -> Iterator[tuple[Pair, Reason]]:
    if "relations" in kinds:
        neighbours = neighbours_of(edges)
        for (one, other), score in adamic_adar(edges).items():
            shared = sorted(neighbours[one] & neighbours[other])
            yield (one, other), Reason("relations", score, {"shared": [*shared[:_SHOWN]]})
    if "scenes" in kinds:
        scenes_of: defaultdict[str, list[str]] = defaultdict(list)
        for scene, present in scenes.items():
            for each in set(present):
                scenes_of[each].append(scene)
        for (one, other), (score, count) in npmi(list(scenes.values())).items():
            if score > 0:
                both = set(scenes_of[other])
                where = [scene for scene in scenes_of[one] if scene in both][:_SHOWN]
                yield (one, other), Reason("scenes", score, {"scenes": count, "documents": [*where]})
    if "goals" in kinds:
        for one, other, what in crossing_goals(entities):
            pair = (min(one, other), max(one, other))
            yield pair, Reason("goals", _GOAL_SCORE, {"over": what})
