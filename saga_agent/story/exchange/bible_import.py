"""Importing a bible: lorebooks, cards and vaults become entities, ties and notes; a second import changes nothing."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from saga_agent.domain.entity import Entity
from saga_agent.domain.notes import Capture
from saga_agent.domain.record import Provenance
from saga_agent.errors import NotFound, StorageFull, UnreadableFile
from saga_agent.ids import derived_id
from saga_agent.storage.ports.journal import Blobs
from saga_agent.story.captures import CaptureService
from saga_agent.story.documents import EntityBatch, EntityService, Progress
from saga_agent.story.exchange.bible_file import BibleFile, parse_bible, read_bible
from saga_agent.story.exchange.bible_report import BibleReport, ImportedEntry, entry_of, told_losses
from saga_agent.story.exchange.draft import EntityDraft, NoteDraft
from saga_agent.story.exchange.from_card import CARD_KEY
from saga_agent.story.exchange.known_names import KnownNames
from saga_agent.story.exchange.merging import Merged, fill_in, merge
from saga_agent.story.exchange.sources import IMPORTED_TAG, source_capture_id, source_of
from saga_agent.story.exchange.ties import build_facts, build_ties
from saga_agent.story.facts import FactService
from saga_agent.story.relationships import RelationshipService


@dataclass(slots=True)
class _Work:
    """One import while it runs."""

    project_id: str
    file: BibleFile
    known: KnownNames
    dry_run: bool
    last: dict[str, EntityDraft | NoteDraft]
    """What the file said at its last import, by place."""
    entries: list[ImportedEntry] = field(default_factory=list[ImportedEntry])


class BibleImport:
    """Imports bibles into the projects of one owner."""

    def __init__(
        self,
        entities: EntityService,
        relationships: RelationshipService,
        facts: FactService,
        captures: CaptureService,
        blobs: Blobs,
    ) -> None:
        self._entities, self._relationships, self._facts = entities, relationships, facts
        self._captures, self._blobs = captures, blobs

    async def run(
        self, project_id: str, path: str | Path, *, dry_run: bool = False, progress: Progress | None = None
    ) -> BibleReport:
        """Reads the file or folder and stores what it says.

        It is read whole before anything is stored, and kept, so that an export gives back what a bible has no place
        for. What the writer has changed since the last import of the file stays. An import that was cut off is
        completed by the next one.

        Raises: `UnreadableFile`, `NotFound` for the project, `StorageFull`.
        """
        stored = [entity async for entity in self._entities.all(project_id)]
        file = await asyncio.to_thread(read_bible, path)
        last = await self._last_state(project_id, file)
        work = _Work(project_id, file, KnownNames(stored, file.name), dry_run, last)
        drafts = (*file.draft.entities, *file.draft.notes)
        async with self._entities.together(project_id) as entities:
            for index, draft in enumerate(drafts):
                if progress is not None:
                    progress(index, len(drafts), draft.title if isinstance(draft, NoteDraft) else draft.name)
                if isinstance(draft, NoteDraft):
                    await self._store_note(draft, work)
                else:
                    await self._store(draft, work, entities)
        report = await self._store_ties(work)
        if not dry_run:
            await self._keep_source(work)
        if progress is not None:
            progress(len(drafts), len(drafts), "done")
        return report

    async def _store(self, draft: EntityDraft, work: _Work, entities: EntityBatch) -> None:
        entity_id = derived_id("ent", work.project_id, work.file.name, draft.key)
        imported = work.known.imported(entity_id)
        found = imported or work.known.of_same_name(draft)
        if found is None:
            work.known.add(draft, entity_id)
            work.entries.append(entry_of(draft, entity_id, "added"))
            if not work.dry_run:
                await entities.create(
                    work.project_id,
                    id=entity_id,
                    provenance=source_of(work.file.name, draft.key),
                    **draft.model_dump(exclude={"key", "ties", "facts"}),
                )
            return
        merged = _merged(imported, draft, work) if imported else fill_in(found, draft)
        action = "unchanged" if not merged.changes else "updated" if imported else "joined"
        work.known.add(draft, found.id, merged=found.model_copy(update=dict(merged.changes)))
        work.entries.append(entry_of(draft, found.id, action, merged.kept))
        if work.dry_run:
            return
        if merged.changes:
            await entities.update(work.project_id, found.id, expected_rev=None, **merged.changes)
        else:
            entities.found(found)

    async def _store_note(self, note: NoteDraft, work: _Work) -> None:
        capture_id = derived_id("cap", work.project_id, work.file.name, note.key)
        stored = await self._captures.find(work.project_id, capture_id)
        words = {"title": note.title, "text": note.text, "tags": note.tags}
        if stored is None:
            work.entries.append(entry_of(note, capture_id, "added"))
            if not work.dry_run:
                found = [work.known.find(name) for name in note.about]
                await self._captures.create(
                    work.project_id,
                    id=capture_id,
                    provenance=source_of(work.file.name, note.key),
                    entity_ids=tuple(dict.fromkeys(each.id for each in found if each)),
                    **words,
                )
            return
        last = work.last.get(note.key)
        is_writers = not isinstance(last, NoteDraft) or not _says(stored, last)
        if _says(stored, note) or last == note:
            work.entries.append(entry_of(note, capture_id, "unchanged"))
        elif is_writers:
            work.entries.append(entry_of(note, capture_id, "unchanged", ["text"]))
        else:
            work.entries.append(entry_of(note, capture_id, "updated"))
            if not work.dry_run:
                await self._captures.update(work.project_id, capture_id, expected_rev=None, **words)

    async def _store_ties(self, work: _Work) -> BibleReport:
        drafts, file = work.file.draft.entities, work.file
        built = build_ties(work.project_id, file.name, drafts, work.known)
        held = {tie.id async for tie in self._relationships.all(work.project_id)}
        ties = [tie for tie in built.ties if tie.id not in held]
        known_facts = {fact.id async for fact in self._facts.all(work.project_id)}
        facts = [
            fact for fact in build_facts(work.project_id, file.name, drafts, work.known) if fact.id not in known_facts
        ]
        if not work.dry_run:
            await self._relationships.create_many(work.project_id, ties)
            await self._facts.create_many(work.project_id, facts)
        gone = work.known.left_over({draft.key for draft in drafts})
        return BibleReport(
            project_id=work.project_id,
            source=file.name,
            format=file.draft.format,
            dry_run=work.dry_run,
            entries=tuple(work.entries),
            ties_added=len(ties),
            facts_added=len(facts),
            lost=(*file.draft.lost, *told_losses(work.entries, built.unresolved, gone)),
        )

    async def _last_state(self, project_id: str, file: BibleFile) -> dict[str, EntityDraft | NoteDraft]:
        """What the file said at its last import, by place; nothing when there was none, or it is no longer kept."""
        capture = await self._captures.find(project_id, source_capture_id(project_id, file.name))
        if capture is None or capture.sha256 is None:
            return {}
        try:
            kept = await self._blobs.get(project_id, capture.sha256)
            last = await asyncio.to_thread(parse_bible, kept.data, name=file.name, is_format=file.draft.format)
        except (NotFound, UnreadableFile):
            return {}
        return {draft.key: draft for draft in (*last.draft.entities, *last.draft.notes)}

    async def _keep_source(self, work: _Work) -> None:
        """Keeps the file itself as a capture, in the place of its last state."""
        project_id, file = work.project_id, work.file
        sha256 = hashlib.sha256(file.data).hexdigest()
        capture_id = source_capture_id(project_id, file.name)
        before = await self._captures.find(project_id, capture_id)
        if before is not None and before.sha256 == sha256:
            return
        await self._blobs.put(project_id, sha256, file.media_type, file.data)
        about = {"sha256": sha256, "media_type": file.media_type, "attribution": file.draft.creator}
        if before is not None:
            await self._captures.update(project_id, capture_id, expected_rev=None, **about)
            if before.sha256 is not None:
                await self._captures.forget_bytes(project_id, before.sha256)
            return
        shown = work.known.of_key(CARD_KEY)
        try:
            await self._captures.create(
                project_id,
                id=capture_id,
                kind="image" if file.media_type == "image/png" else "clip",
                title=file.name,
                tags=(IMPORTED_TAG, file.draft.format),
                entity_ids=(shown.id,) if shown else (),
                provenance=Provenance(by="import", source=file.name),
                **about,
            )
        except StorageFull:
            await self._captures.forget_bytes(project_id, sha256)
            raise


def _merged(stored: Entity, draft: EntityDraft, work: _Work) -> Merged:
    last = work.last.get(draft.key)
    return merge(stored, draft, last if isinstance(last, EntityDraft) else None)


def _says(stored: Capture, note: NoteDraft) -> bool:
    return (stored.title, stored.text, stored.tags) == (note.title, note.text, note.tags)
