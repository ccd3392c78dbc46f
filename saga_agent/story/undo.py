"""Taking back what agents changed: field by field and hunk by hunk, and never what somebody else wrote since.

An undo is a change like others and stands in the history, so it can be taken back itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import JsonValue

from saga_agent.domain.document import Document
from saga_agent.domain.history import Change, RecordKind, UndoConflict, UndoReport
from saga_agent.domain.record import JsonObject, Record
from saga_agent.errors import NotFound
from saga_agent.storage.ports.story import StoryPorts
from saga_agent.story.access import OwnerPorts
from saga_agent.story.changelog import undo_id
from saga_agent.story.history import HistoryService
from saga_agent.story.hunks import inverse, moved_scene, place_hunks

_ENDS: Mapping[str, tuple[str, ...]] = {"relationship": ("source_id", "target_id"), "fact": ("subject_id",)}
"""The entities that a record hangs on."""


class Writable(Protocol):
    """What an undo needs of a record's service."""

    async def find(self, project_id: str, record_id: str) -> Record | None:
        """The record, if there is one."""
        ...

    async def create(self, project_id: str, **fields: Any) -> Record:
        """Stores the record."""
        ...

    async def update(
        self, project_id: str, record_id: str, *, expected_rev: int | None = None, **changes: Any
    ) -> Record:
        """Stores changed fields."""
        ...

    async def delete(self, project_id: str, record_id: str) -> None:
        """Removes the record."""
        ...


RecordsFor = Callable[[Change, str | None], Mapping[RecordKind, Writable]]
"""The services that write down their changes as the undo of that change, as part of that other one."""


class UndoService:
    """Takes back changes in one owner's projects.

    What has changed since is left and reported as a conflict, the rest is taken back; the same undo again finds
    nothing left to do.
    """

    def __init__(self, access: OwnerPorts, history: HistoryService, records_for: RecordsFor) -> None:
        self._access, self._history, self._records_for = access, history, records_for

    async def change(self, project_id: str, change_id: str) -> UndoReport:
        """Takes one change back; one whose write was refused has left nothing to take back. `NotFound`."""
        change = await self._history.get(project_id, change_id)
        if change.state != "done":
            return UndoReport(unchanged=(change.id,))
        return await self._undo([change])

    async def call(self, project_id: str, run_id: str, call_id: str) -> UndoReport:
        """Takes back what one tool call changed, and what came of the proposals it made."""
        return await self._undo(await _listed(self._history.all(project_id, run_id=run_id, call_id=call_id)))

    async def run(self, project_id: str, run_id: str) -> UndoReport:
        """Takes back what all calls of a run changed."""
        return await self._undo(await _listed(self._history.all(project_id, run_id=run_id)))

    async def _undo(self, changes: Sequence[Change]) -> UndoReport:
        ids = {change.id for change in changes}
        found = _Report()
        # The newest first, so that each finds what it had left; but what hangs on an entity comes back after it.
        for change in sorted(changes, key=lambda change: change.action == "delete" and change.kind in _ENDS):
            if change.part_of not in ids:  # what came with another change is taken back with that one
                await self._with_its_parts(change, found)
        return UndoReport(
            undone=tuple(found.undone), unchanged=tuple(found.unchanged), conflicts=tuple(found.conflicts)
        )

    async def _with_its_parts(self, change: Change, found: _Report) -> None:
        """Takes the change back: a removed entity before its ties and facts, what came back of them before it."""
        parts = await self._parts(change)
        if change.action == "create":
            for part in parts:
                await self._one(part, found)
        is_back = await self._one(change, found)
        if change.action == "delete" and parts:
            restored = undo_id(change) if is_back else None
            for part in parts:
                await self._one(part, found, part_of=restored)

    async def _one(self, change: Change, found: _Report, *, part_of: str | None = None) -> bool:
        records = self._records_for(change, part_of)[change.kind]
        did, conflicts = await _take_back(change, records, self._access.ports)
        found.conflicts += conflicts
        if did:
            found.undone.append(change.id)
        elif not conflicts:
            found.unchanged.append(change.id)
        return did

    async def _parts(self, change: Change) -> list[Change]:
        """The changes that came with an entity's, the newest first; they were written down after it."""
        parts: list[Change] = []
        if change.kind != "entity" or change.action == "update":
            return parts
        async for each in self._history.all(change.project_id, run_id=change.run_id, call_id=change.call_id):
            if each.seq <= change.seq:
                return parts
            if each.part_of == change.id:
                parts.append(each)
        return parts


@dataclass(slots=True)
class _Report:
    """What an undo has come to so far."""

    undone: list[str] = field(default_factory=list[str])
    unchanged: list[str] = field(default_factory=list[str])
    conflicts: list[UndoConflict] = field(default_factory=list[UndoConflict])


async def _listed(changes: AsyncIterator[Change]) -> list[Change]:
    return [change async for change in changes]


async def _take_back(change: Change, records: Writable, ports: StoryPorts) -> tuple[bool, list[UndoConflict]]:
    stored = await records.find(change.project_id, change.record_id)
    match change.action:
        case "create":
            return await _remove(change, stored, records, ports)
        case "delete":
            return await _bring_back(change, stored, records, ports)
        case "update":
            return await _restore(change, stored, records)


async def _remove(
    change: Change, stored: Record | None, records: Writable, ports: StoryPorts
) -> tuple[bool, list[UndoConflict]]:
    if stored is None:
        return False, []
    found = stored.model_dump(mode="json")
    conflicts = [
        _conflict(change, name, value, found.get(name))
        for name, value in change.after.items()
        if name != "rev" and found.get(name) != value
    ]
    if change.kind == "entity":
        conflicts += [_conflict(change, part, 0, count) for part, count in await _hangs_on(stored, ports)]
    if not conflicts:
        await records.delete(change.project_id, change.record_id)
    return not conflicts, conflicts


async def _hangs_on(entity: Record, ports: StoryPorts) -> list[tuple[str, int]]:
    """The relationships and facts of an entity, which would go with it."""
    ends = ({"source_id": entity.id}, {"target_id": entity.id})
    ties = [len((await ports.relationships.list(entity.project_id, where=end)).items) for end in ends]
    facts = len((await ports.facts.list(entity.project_id, where={"subject_id": entity.id})).items)
    return [(part, count) for part, count in (("relationships", sum(ties)), ("facts", facts)) if count]


async def _bring_back(
    change: Change, stored: Record | None, records: Writable, ports: StoryPorts
) -> tuple[bool, list[UndoConflict]]:
    if stored is not None:
        return False, []
    for end in _ENDS.get(change.kind, ()):
        if not await _is_there(ports, change.project_id, str(change.before[end])):
            return False, [_conflict(change, end, change.before[end], "removed")]
    fields = {name: value for name, value in change.before.items() if name != "project_id"}
    await records.create(change.project_id, **fields)
    return True, []


async def _is_there(ports: StoryPorts, project_id: str, entity_id: str) -> bool:
    try:
        await ports.entities.get(project_id, entity_id)
    except NotFound:
        return False
    return True


async def _restore(change: Change, stored: Record | None, records: Writable) -> tuple[bool, list[UndoConflict]]:
    if stored is None:
        return False, [_conflict(change, "record", "there", "removed")]
    found = stored.model_dump(mode="json")
    wanted: dict[str, JsonValue] = {}
    conflicts: list[UndoConflict] = []
    fields = {name: value for name, value in change.after.items() if not (change.hunks and name == "scenes")}
    for name, value in fields.items():
        restored, clashes = _restored(change.before[name], value, found.get(name), name)
        if restored != found.get(name):
            wanted[name] = restored
        conflicts += [_conflict(change, *clash) for clash in clashes]
    if isinstance(stored, Document):
        restored_text, clashing = _restored_text(change, stored)
        wanted |= restored_text
        conflicts += clashing
    if wanted:
        await records.update(change.project_id, change.record_id, expected_rev=stored.rev, **wanted)
    return bool(wanted), conflicts


def _restored_text(change: Change, stored: Document) -> tuple[JsonObject, list[UndoConflict]]:
    """The document's text and scenes without the change's hunks, and the hunks that somebody has written on."""
    unchanged = stored.rev == change.rev
    placed = place_hunks(inverse(change.hunks), stored.text, unchanged=unchanged)
    conflicts = [
        _conflict(change, "text", hunk.after, None)
        for hunk in change.hunks
        if hunk.id in placed.unplaced and place_hunks((hunk,), stored.text).unplaced
    ]
    if placed.text == stored.text:
        return {}, conflicts
    if "scenes" not in change.before:
        return {"text": placed.text}, conflicts
    if unchanged:
        return {"text": placed.text, "scenes": change.before["scenes"]}, conflicts
    scenes: list[JsonValue] = [moved_scene(scene, placed).model_dump(mode="json") for scene in stored.scenes]
    return {"text": placed.text, "scenes": scenes}, conflicts


def _restored(
    before: JsonValue, after: JsonValue, found: JsonValue, part: str
) -> tuple[JsonValue, Sequence[tuple[str, JsonValue, JsonValue]]]:
    """The value to put there, and the parts that somebody else has changed; objects are taken key by key."""
    if found == after:
        return before, ()
    if found == before:
        return found, ()
    if isinstance(before, dict) and isinstance(after, dict) and isinstance(found, dict):
        return _restored_object(before, after, found, part)
    return found, ((part, after, found),)


_GONE = object()


def _restored_object(
    before: JsonObject, after: JsonObject, found: JsonObject, part: str
) -> tuple[JsonValue, Sequence[tuple[str, JsonValue, JsonValue]]]:
    restored = dict(found)
    clashes: list[tuple[str, JsonValue, JsonValue]] = []
    for key in {**before, **after}:
        old, new, now = before.get(key, _GONE), after.get(key, _GONE), found.get(key, _GONE)
        if old == new or now == old:
            continue
        if now != new:
            clashes.append((f"{part}.{key}", after.get(key), found.get(key)))
        elif key in before:
            restored[key] = before[key]
        else:
            del restored[key]
    return restored, clashes


def _conflict(change: Change, part: str, expected: JsonValue, found: JsonValue) -> UndoConflict:
    return UndoConflict(
        change_id=change.id, kind=change.kind, record_id=change.record_id, part=part, expected=expected, found=found
    )
