"""What an import of a bible did, entry by entry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from saga_agent.domain.entity import EntityType
from saga_agent.domain.record import Model
from saga_agent.story.exchange.draft import BibleFormat, EntityDraft, NoteDraft

Action = Literal["added", "updated", "joined", "unchanged"]
"""`joined`: it added to an entity of the same name that was there from elsewhere."""
_NAMED = 5


class ImportedEntry(Model):
    """What the import did, or would do, with one entry of the file."""

    key: str
    """Its place in the file."""
    id: str
    """The entity, or the capture of a note, that it is now."""
    name: str
    type: EntityType | Literal["note"]
    action: Action
    kept: tuple[str, ...] = ()
    """What the writer and the file both have; the writer's stayed."""


class BibleReport(Model):
    """What an import of a bible did, or in a dry run would do."""

    project_id: str
    source: str
    format: BibleFormat
    dry_run: bool
    entries: tuple[ImportedEntry, ...]
    ties_added: int = 0
    facts_added: int = 0
    lost: tuple[str, ...] = ()
    """What has no place in a bible or could not be understood, one sentence each."""

    @property
    def ids(self) -> dict[str, str]:
        """The id of the record that each place of the file has become."""
        return {entry.key: entry.id for entry in self.entries}

    @property
    def changes(self) -> int:
        """How many records were added or changed; 0 for a second import of the same file."""
        return sum(entry.action != "unchanged" for entry in self.entries) + self.ties_added + self.facts_added


def entry_of(draft: EntityDraft | NoteDraft, record_id: str, action: Action, kept: Iterable[str] = ()) -> ImportedEntry:
    """What was done with that part of a file."""
    if isinstance(draft, NoteDraft):
        name, type_ = draft.title, "note"
    else:
        name, type_ = draft.name, draft.type
    return ImportedEntry(key=draft.key, id=record_id, name=name, type=type_, action=action, kept=tuple(kept))


def told_losses(entries: Iterable[ImportedEntry], unresolved: Iterable[str], gone: Iterable[str]) -> tuple[str, ...]:
    """Sentences about links that lead nowhere, what stayed the writer's, and what the file no longer holds."""
    kept = [f"{entry.name} ({', '.join(entry.kept)})" for entry in entries if entry.kept]
    told: list[str] = []
    if names := list(unresolved):
        told.append(f"{len(names)} link(s) lead to no entity and make no tie: {_some(names)}.")
    if kept:
        told.append(f"Differs from the file and was left as it is here: {_some(kept)}.")
    if names := list(gone):
        told.append(f"No longer in the file, left as it is here: {_some(names)}.")
    return tuple(told)


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
