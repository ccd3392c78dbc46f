"""The skeleton of a world, drawn from a seed: who is there, where, and who stands against whom."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from pydantic import JsonValue

from saga_agent.analyses.naming.generator import NameRequest, generate_names
from saga_agent.analyses.naming.grammar import NameKind
from saga_agent.domain.entity import EntityType
from saga_agent.domain.record import JsonObject
from saga_agent.story.genesis.draft import Draft

Scale = Literal["small", "medium", "large"]
Module = Literal["factions", "places", "characters", "events", "calendar"]
MODULES: tuple[Module, ...] = ("factions", "places", "characters", "events", "calendar")
_COUNTS: dict[Scale, dict[str, int]] = {
    "small": {"factions": 3, "places": 5, "characters": 6, "events": 2},
    "medium": {"factions": 5, "places": 9, "characters": 14, "events": 4},
    "large": {"factions": 8, "places": 16, "characters": 30, "events": 8},
}
_MORE_ROADS = 0.15
"""How often two places are joined besides what holds them together."""
_ALLIED = 0.5
_DISTANCES = (12, 160)
"""The shortest and longest road, in kilometres."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldRequest:
    """What is asked for."""

    seed: int
    scale: Scale = "small"
    modules: Sequence[Module] = MODULES
    known_names: tuple[str, ...] = ()
    """Names of the story; none of the world's is taken for one of them."""
    calendar: JsonObject | None = None
    """The fields of the calendar; twelve months of thirty days by default."""


@dataclass(slots=True)
class _World:
    """The drafts so far, and the dice; only `random()` is the same in every version of Python."""

    rng: random.Random
    request: WorldRequest
    drafts: list[Draft] = field(default_factory=list[Draft])
    names: list[str] = field(default_factory=list[str])
    """Names given so far, so that none is like another."""

    def pick(self, choices: Sequence[T]) -> T:
        return choices[int(self.rng.random() * len(choices))]

    def add(self, id: str, type: EntityType, name: str, fields: JsonObject | None = None) -> str:
        label = f"{type} {name}"
        self.drafts.append(Draft(id, "entity", label, {"type": type, "name": name, "fields": fields or {}}))
        return id

    def tie(
        self, source: str, type: str, target: str, *, sign: float = 0, mutual: bool = False, note: str = ""
    ) -> None:
        record: JsonObject = {
            "type": type,
            "source_id": source,
            "target_id": target,
            "sign": sign,
            "directed": not mutual,
            "note": note,
        }
        self.drafts.append(Draft(f"{source}-{type}-{target}", "relationship", f"{source} {type} {target}", record))

    def new_names(self, kind: NameKind, count: int) -> list[str]:
        known = (*self.request.known_names, *self.names)
        wanted = NameRequest(kind=kind, seed=int(self.rng.random() * 2**32), count=count, known=known)
        found = [each.name for each in generate_names(wanted).names]
        self.names += found
        return found


def build_skeleton(request: WorldRequest) -> list[Draft]:
    """The drafts of a world; the same for the same request. Factions hold at least one unbalanced three."""
    world = _World(random.Random(request.seed), request)
    counts = {name: count for name, count in _COUNTS[request.scale].items() if name in request.modules}
    places = _places(world, counts.get("places", 0))
    factions = _factions(world, counts.get("factions", 0), places)
    people = _people(world, counts.get("characters", 0), factions, places)
    _events(world, counts.get("events", 0), people or factions)
    if "calendar" in request.modules:
        (name,) = world.new_names("place", 1) or ["the land"]
        months: list[JsonValue] = [{"name": month, "days": 30} for month in world.new_names("item", 12)]
        world.add("calendar-1", "calendar", f"Reckoning of {name}", request.calendar or {"months": months})
    return world.drafts


def _places(world: _World, count: int) -> list[str]:
    names = world.new_names("place", count)
    places = [world.add(f"place-{number}", "location", name) for number, name in enumerate(names, 1)]
    low, high = _DISTANCES
    for number, place in enumerate(places[1:], 1):  # each is joined to an earlier one, so that all hang together
        joined = {world.pick(places[:number])}
        joined |= {other for other in places[:number] if world.rng.random() < _MORE_ROADS}
        for other in sorted(joined):
            distance = low + int(world.rng.random() * (high - low))
            world.tie(other, "connected_to", place, mutual=True, note=f"{distance} km")
    return places


def _factions(world: _World, count: int, places: Sequence[str]) -> list[str]:
    names = world.new_names("faction", count)
    factions = [world.add(f"faction-{number}", "faction", name) for number, name in enumerate(names, 1)]
    core = set(itertools.combinations(factions[:3], 2))
    foes = world.pick(sorted(core)) if core else None
    for one, other in itertools.combinations(factions, 2):
        # Among the first three exactly one pair are enemies: two friends who cannot be friends of one another.
        allied = (one, other) != foes if (one, other) in core else world.rng.random() < _ALLIED
        kind, sign = ("ally_of", 1) if allied else ("enemy_of", -1)
        world.tie(one, kind, other, sign=sign, mutual=True)
    for faction in factions if places else ():
        world.tie(faction, "seated_in", world.pick(places))
    return factions


def _people(world: _World, count: int, factions: Sequence[str], places: Sequence[str]) -> list[str]:
    names = world.new_names("person", count)
    people = [world.add(f"character-{number}", "character", name) for number, name in enumerate(names, 1)]
    for number, person in enumerate(people):
        if number < len(factions):
            world.tie(person, "leads", factions[number])
        elif factions:
            world.tie(person, "member_of", world.pick(factions))
        if places:
            world.tie(person, "lives_in", world.pick(places))
    return people


def _events(world: _World, count: int, taking_part: Sequence[str]) -> None:
    previous: str | None = None
    for number, name in enumerate(world.new_names("place", count), 1):
        event = world.add(f"event-{number}", "event", f"The Reckoning at {name}")
        for each in sorted({world.pick(taking_part), world.pick(taking_part)}) if taking_part else ():
            world.tie(each, "takes_part_in", event)
        if previous is not None:
            world.tie(previous, "causes", event)
        previous = event
