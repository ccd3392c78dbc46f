"""What surrounds the canon: mentions, captures, decisions, proposals, waivers and presence."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from saga_agent.domain.entity import Evidence
from saga_agent.domain.history import RecordKind
from saga_agent.domain.hunk import Hunk
from saga_agent.domain.record import JsonObject, Model, Record


class Mention(Record):
    """A name in a document's text at a revision; `entity_id` None where nobody is known by it yet."""

    document_id: str
    document_rev: int = 1
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    surface: str
    entity_id: str | None = None
    kind: str | None = None
    """`character`, `place`, `faction` or `item` as linking says it; None where it abstains."""
    group: str | None = None
    """The name cluster an unknown name belongs to within its document."""
    how: Literal["exact", "alias", "detected", "llm", "manual"] = "exact"
    present: bool = True
    """False for somebody only spoken of."""


class Appearance(Model):
    """How often an entity, or an unknown name, is mentioned in one document."""

    document_id: str
    entity_id: str | None
    group: str | None
    kind: str | None
    surface: str
    """The surface of its first mention."""
    count: int
    first: int
    """The offset of its first mention."""


class Capture(Record):
    """Something a writer collected: a note, a clip, or an image held by its hash."""

    kind: Literal["note", "clip", "image"] = "note"
    title: str = ""
    text: str = ""
    sha256: str | None = None
    media_type: str | None = None
    licence: str = ""
    attribution: str = ""
    tags: tuple[str, ...] = ()
    entity_ids: tuple[str, ...] = ()


class Decision(Record):
    """Something settled about the story; history stays, a later decision supersedes it."""

    decision: str
    rationale: str = ""
    subject_ids: tuple[str, ...] = ()
    supersedes: str | None = None
    superseded_by: str | None = None
    idempotency_key: str | None = None
    """What a caller names a commit by, so that the same commit again is one decision."""


class ProposalItem(Model):
    """One record that a proposal offers to create."""

    id: str
    """Unique within its proposal."""
    kind: RecordKind
    label: str
    """What it is, in a few words for people."""
    record: JsonObject
    """The fields it would be created with, its id among them."""
    needs: tuple[str, ...] = ()
    """Items that have to be taken with it."""


class Proposal(Record):
    """A change offered to the writer, against the revision it was made for."""

    kind: Literal["edit", "bundle"]
    """Replacements in the text of the target, a document; or records to create."""
    target_id: str | None = None
    base_rev: int | None = None
    hunks: tuple[Hunk, ...] = ()
    """The replacements that an `edit` offers, each taken or refused by itself."""
    items: tuple[ProposalItem, ...] = ()
    """The records that a `bundle` offers, each taken or refused by itself."""
    settled: dict[str, Literal["accepted", "rejected"]] = Field(default_factory=dict)
    """What became of hunks and items, by id; the others are open."""
    rationale: str = ""
    status: Literal["open", "accepted", "rejected", "superseded"] = "open"


class Waiver(Record):
    """A finding the writer accepts as it is, with the reason."""

    code: str
    target: str
    reason: str
    who: str
    evidence: tuple[Evidence, ...] = ()


class Presence(Record):
    """Who edits, or which run works, where."""

    who: str
    document_id: str | None = None
    run_id: str | None = None
    seen_at: float
    """Wall time in seconds since 1970."""
