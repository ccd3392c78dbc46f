"""Writing down what an agent changes: the intent before the write, its outcome after it.

Story ports and journal share no transaction. So a change is `intended` first, with what is there and what shall be;
then the record is written; then the change is `done`. Where a process dies in between, the record itself tells later
which of the two happened.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TypeGuard, cast, get_args

from saga_agent.clock import Clock
from saga_agent.domain.history import Change, RecordKind
from saga_agent.domain.hunk import Hunk
from saga_agent.domain.record import JsonObject, Provenance, Record
from saga_agent.ids import derived_id
from saga_agent.storage.ports.journal import Changes
from saga_agent.story.hunks import hunks_between, inverse, place_hunks

_KINDS: tuple[str, ...] = get_args(RecordKind)
_ONE_PAGE = 1000


def is_kept(kind: str) -> TypeGuard[RecordKind]:
    """Whether changes of that kind of record are kept."""
    return kind in _KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLog:
    """Keeps the changes that one author makes."""

    changes: Changes
    clock: Clock
    author: Provenance
    undoes: str | None = None
    """The change that is being taken back."""
    part_of: str | None = None
    """The change that those which are kept come with."""

    def within(self, change: Change | None) -> ChangeLog:
        """The same log for what comes with that change."""
        return replace(self, part_of=change.id if change else None)

    async def intend(self, kind: str, before: Record | None, after: Record | None) -> Change | None:
        """Writes down that `before` is about to become `after`; None for records whose changes are not kept."""
        record = after or before
        if record is None or not is_kept(kind):
            return None
        # Two versions of a long text may take a second to compare.
        old, new, hunks = await asyncio.to_thread(differences, before, after)
        base_rev = before.rev if before else None
        author = self.author
        return await self.changes.open(
            Change(
                id=_change_id(author, self.undoes, record.id, base_rev),
                project_id=record.project_id,
                kind=kind,
                record_id=record.id,
                action="create" if before is None else "delete" if after is None else "update",
                author=author,
                run_id=author.run_id,
                call_id=author.call_id,
                base_rev=base_rev,
                before=old,
                after=new,
                hunks=hunks,
                undoes=self.undoes,
                part_of=self.part_of,
                created_at=self.clock.now(),
            )
        )

    async def done(self, change: Change | None, rev: int | None) -> None:
        """Tells that the write has happened, and at which revision it left the record."""
        if change is not None:
            await self.changes.settle(change.id, state="done", rev=rev)

    async def void(self, change: Change | None) -> None:
        """Tells that the write was refused."""
        if change is not None:
            await self.changes.settle(change.id, state="void")


def undo_id(change: Change) -> str:
    """The id of the change that brings back the record which that one removed."""
    return _change_id(Provenance(), change.id, change.record_id, None)


def _change_id(author: Provenance, undoes: str | None, record_id: str, base_rev: int | None) -> str:
    return derived_id("chg", author.run_id or "", author.call_id or "", undoes or "", record_id, str(base_rev))


async def reconcile(changes: Changes, project_id: str, record_id: str, stored: Record | None) -> None:
    """Settles intended changes of the record that have happened, as their process did not live to tell."""
    pending = await changes.list(project_id, record_id=record_id, states=("intended",), limit=_ONE_PAGE)
    for change in reversed(pending.items):
        if has_happened(change, stored):
            rev = None if change.action == "delete" else (change.base_rev or 0) + 1
            await changes.settle(change.id, state="done", rev=rev)


def has_happened(change: Change, stored: Record | None) -> bool:
    """Whether the record, as it is stored, tells that the change was made."""
    if change.action == "delete":
        return stored is None
    if stored is None:
        return False
    if change.action == "create":
        return True
    if stored.rev <= (change.base_rev or 0):
        return False
    held = stored.model_dump(mode="json")
    if all(held.get(name) == value for name, value in change.after.items()):
        text = str(held.get("text", ""))
        return not change.hunks or not place_hunks(inverse(change.hunks), text).unplaced
    return False


def differences(before: Record | None, after: Record | None) -> tuple[JsonObject, JsonObject, tuple[Hunk, ...]]:
    """The fields that differ, as they were and as they become, and a document's text as hunks.

    The whole record stands on the side that alone is there.
    """
    old = _fields(before) if before else {}
    new = _fields(after) if after else {}
    if before is None or after is None:
        return old, new, ()
    names = [name for name in new if name != "rev" and old.get(name) != new[name]]
    hunks: tuple[Hunk, ...] = ()
    if "text" in names and "scenes" in new:  # a document's text may be long; that of a capture is a field like others
        names.remove("text")
        hunks = hunks_between(str(old["text"]), str(new["text"]))
    return {name: old[name] for name in names}, {name: new[name] for name in names}, hunks


def _fields(record: Record) -> JsonObject:
    return cast(JsonObject, record.model_dump(mode="json"))
