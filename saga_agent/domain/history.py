"""What agents changed in the story: one change per record and write, with what was before and what came after."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from saga_agent.domain.hunk import Hunk
from saga_agent.domain.record import JsonObject, Model, Provenance

RecordKind = Literal["document", "entity", "relationship", "fact", "capture", "decision"]
"""The records whose changes are kept."""
ChangeState = Literal["intended", "done", "void"]
"""Written down before the write itself; the write has happened; it was refused."""


class Change(Model):
    """One write to one record, as the journal keeps it."""

    id: str
    seq: int = 0
    """Its place among all changes; allotted by the journal."""
    project_id: str
    kind: RecordKind
    record_id: str
    action: Literal["create", "update", "delete"]
    author: Provenance
    """Who: the agent's run and call, or the writer who took something back."""
    run_id: str | None = None
    call_id: str | None = None
    state: ChangeState = "intended"
    base_rev: int | None = None
    """The record's revision before; None for a create."""
    rev: int | None = None
    """The record's revision after, once it is done; None for a delete."""
    before: JsonObject = Field(default_factory=dict)
    """The fields that changed, as they were; the whole record for a delete."""
    after: JsonObject = Field(default_factory=dict)
    """The same fields as they became; the whole record for a create."""
    hunks: tuple[Hunk, ...] = ()
    """How a document's text changed; `before` and `after` leave it out then."""
    undoes: str | None = None
    """The change that this one took back."""
    part_of: str | None = None
    """The change it came with: the removal of the entity that a removed tie or fact hung on, or what took that back."""
    created_at: float


class UndoConflict(Model):
    """A part of a change that was left as it is, since somebody else has changed it."""

    change_id: str
    kind: RecordKind
    record_id: str
    part: str
    """The field, `text` for a hunk of a document, or what now hangs on the record."""
    expected: JsonValue = None
    """What the change had left there."""
    found: JsonValue = None
    """What is there now."""


class UndoReport(Model):
    """What an undo took back and what it left."""

    undone: tuple[str, ...] = ()
    """The changes taken back, wholly or in part, the newest first."""
    unchanged: tuple[str, ...] = ()
    """Changes of which nothing was left to take back."""
    conflicts: tuple[UndoConflict, ...] = ()
