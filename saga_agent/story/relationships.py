"""Relationships: ties that are stored once and seen from both ends, and what their types rule out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from saga_agent.domain.entity import Entity, Relationship
from saga_agent.domain.relations import RelationType, RelationTypes
from saga_agent.domain.time import AsOf, StoryInterval
from saga_agent.errors import Contradiction, InvalidInput
from saga_agent.story.access import OwnerPorts
from saga_agent.story.axes import covers, earliest, overlap
from saga_agent.story.records import RecordService


@dataclass(frozen=True, slots=True)
class TieView:
    """A tie as one of its ends sees it."""

    tie: Relationship
    type: str
    """The type's name from this end: `child_of` for the target of `parent_of`."""
    other_id: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A tie that may be stored, and the ties whose time it ends."""

    tie: Relationship
    ends: tuple[Relationship, ...] = field(default=())


class RelationshipService(RecordService[Relationship, Relationship]):
    """The ties of one owner's projects."""

    def __init__(self, access: OwnerPorts, types: RelationTypes | None = None) -> None:
        super().__init__(access, access.ports.relationships, Relationship, "rel")
        self.types = types or RelationTypes()

    def _hangs_on(self, record: Relationship) -> Collection[str]:
        return (record.source_id, record.target_id)

    async def _check(self, before: Relationship | None, after: Relationship) -> None:
        await super()._check(before, after)
        if before is not None and _kind_and_ends(before) == _kind_and_ends(after):
            return
        if after.source_id == after.target_id:
            raise InvalidInput("This relationship cannot be stored: it ties an entity to itself; name another target.")
        found = self.types.find(after.type)
        if found is None:  # a word of the writer's own joins whatever they like
            return
        kind, is_inverse = found
        first, second = (after.target_id, after.source_id) if is_inverse else (after.source_id, after.target_id)
        entities = self._access.ports.entities
        _check_end(kind, "source", kind.sources, await entities.get(after.project_id, first))
        _check_end(kind, "target", kind.targets, await entities.get(after.project_id, second))

    async def seen_from(self, project_id: str, entity_id: str, *, at: AsOf | None = None) -> list[TieView]:
        """The ties of an entity, each named from its end; with `at` those that hold then."""
        views: list[TieView] = []
        for end in ("source_id", "target_id"):
            ties = [tie async for tie in self.all(project_id, **{end: entity_id})]
            held = [tie for tie in ties if at is None or covers(tie.valid, at.story_time)]
            views += [self._view(tie, from_source=end == "source_id") for tie in held]
        return views

    async def check(self, tie: Relationship, source: Entity, target: Entity) -> Checked:
        """The tie as it is to be stored: by the name of its type, not of its inverse.

        Raises: `InvalidInput` for ends that the type does not join, or a type that is not known, with the nearest
            ones; `Contradiction` for one that closes a cycle, takes a place that is held, or is there already.
        """
        kind, tie = self._typed(tie)
        if tie.source_id == tie.target_id:
            raise InvalidInput(f"{source.name!r} cannot be tied to itself; name another target.")
        first, second = (source, target) if tie.source_id == source.id else (target, source)
        _check_end(kind, "source", kind.sources, first)
        _check_end(kind, "target", kind.targets, second)
        others = [other async for other in self.all(tie.project_id, type=kind.name) if other.id != tie.id]
        ends = _same_pair(tie, kind, others)
        rest = [other for other in others if other not in ends]
        if kind.acyclic:
            _check_cycle(tie, kind, rest)
        _check_place(tie, kind, rest)
        return Checked(tie, tuple(ends))

    async def end(self, tie: Relationship, new: Relationship) -> Relationship:
        """Stores that the tie ends where the new one begins."""
        valid = StoryInterval(start=tie.valid.start, end=new.valid.start)
        return await self.update(tie.project_id, tie.id, valid=valid)

    def _typed(self, tie: Relationship) -> tuple[RelationType, Relationship]:
        found = self.types.find(tie.type)
        if found is None:
            near = [name for name, _, _ in process.extract(tie.type, self.types.names(), scorer=fuzz.WRatio, limit=3)]
            raise InvalidInput(f"{tie.type!r} is no type of relationship; the nearest are {', '.join(near)}.")
        kind, is_inverse = found
        changes: dict[str, object] = {"type": kind.name, "directed": not kind.symmetric}
        if is_inverse and not kind.symmetric:
            changes |= {"source_id": tie.target_id, "target_id": tie.source_id}
        return kind, tie.model_copy(update=changes)

    def _view(self, tie: Relationship, *, from_source: bool) -> TieView:
        found = self.types.find(tie.type)
        backwards = found[0].inverse if found and found[0].inverse else tie.type
        if from_source:
            return TieView(tie, tie.type, tie.target_id)
        return TieView(tie, backwards, tie.source_id)


def _kind_and_ends(tie: Relationship) -> tuple[str, str, str]:
    return tie.type, tie.source_id, tie.target_id


def _check_end(kind: RelationType, end: str, types: tuple[str, ...], entity: Entity) -> None:
    if types and entity.type not in types:
        allowed = " or ".join(types)
        raise InvalidInput(f"The {end} of {kind.name} is a {allowed}, but {entity.name!r} is a {entity.type}.")


def _same_pair(tie: Relationship, kind: RelationType, others: list[Relationship]) -> list[Relationship]:
    """The ties of the same two that this one follows; one that it cannot follow is a clash."""
    pair = {(tie.source_id, tie.target_id), *([(tie.target_id, tie.source_id)] if kind.symmetric else [])}
    followed: list[Relationship] = []
    for other in others:
        if (other.source_id, other.target_id) not in pair or not overlap(other.valid, tie.valid):
            continue
        if earliest(tie.valid.start) <= earliest(other.valid.start):
            raise Contradiction(f"They are {kind.name} already; say from when it is different.", [other.id])
        followed.append(other)
    return followed


def _check_place(tie: Relationship, kind: RelationType, others: list[Relationship]) -> None:
    for other in others:
        same_target = kind.one_source and other.target_id == tie.target_id
        same_source = kind.one_target and other.source_id == tie.source_id
        if (same_target or same_source) and overlap(other.valid, tie.valid):
            raise Contradiction(f"There is one {kind.name} at a time, and there is one already.", [other.id])


def _check_cycle(tie: Relationship, kind: RelationType, others: list[Relationship]) -> None:
    """Raises when the target already stands above the source, by ties that may hold at the same time."""
    below: dict[str, list[Relationship]] = {}
    for other in others:
        if overlap(other.valid, tie.valid):
            below.setdefault(other.source_id, []).append(other)
    paths: list[list[Relationship]] = [[step] for step in below.get(tie.target_id, [])]
    seen = {tie.target_id}
    while paths:
        path = paths.pop(0)
        at = path[-1].target_id
        if at == tie.source_id:
            raise Contradiction(f"It would close a circle of {kind.name}.", [step.id for step in path])
        if at not in seen:
            seen.add(at)
            paths += [[*path, step] for step in below.get(at, [])]
