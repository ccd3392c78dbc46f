"""Importing a manuscript: chapters become documents, names become mentions, and a second import changes nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Literal

from saga_agent.domain.document import Document
from saga_agent.domain.record import Model, Provenance
from saga_agent.domain.time import Scene
from saga_agent.formats.manuscript import Chapter, Manuscript, read_manuscript
from saga_agent.ids import derived_id
from saga_agent.story.documents import DocumentService, Progress


class ImportedDocument(Model):
    """What the import did, or would do, with one chapter."""

    document_id: str
    title: str
    words: int
    scenes: int
    action: Literal["added", "updated", "unchanged"]
    names: int = 0
    """Mentions found in it; 0 in a dry run."""


class ImportReport(Model):
    """What an import did, or in a dry run would do."""

    project_id: str
    source: str
    title: str
    dry_run: bool
    documents: tuple[ImportedDocument, ...]
    warnings: tuple[str, ...] = ()

    @property
    def chapters(self) -> int:
        """The number of documents, front matter included."""
        return len(self.documents)

    @property
    def words(self) -> int:
        """The number of words in all documents."""
        return sum(document.words for document in self.documents)


class ManuscriptImport:
    """Imports manuscripts into the projects of one owner."""

    def __init__(self, documents: DocumentService) -> None:
        self._documents = documents

    async def run(
        self, project_id: str, path: str | Path, *, dry_run: bool = False, progress: Progress | None = None
    ) -> ImportReport:
        """Reads the file, stores its chapters; chapters of an earlier import of that file are updated.

        The file is read whole before anything is stored. An import that was cut off is completed by the next one.

        Raises: `UnreadableFile`, `NotFound` for the project.
        """
        manuscript = await asyncio.to_thread(read_manuscript, Path(path))
        source = Path(path).name
        wanted = build_documents(project_id, source, manuscript)
        done: list[ImportedDocument] = []
        for index, document in enumerate(wanted):
            if progress is not None:
                progress(index, len(wanted), document.label)
            done.append(await self._store(document, dry_run=dry_run))
        if progress is not None:
            progress(len(wanted), len(wanted), "done")
        left = await self._left_over(project_id, source, {document.id for document in wanted})
        return ImportReport(
            project_id=project_id, source=source, title=manuscript.title, dry_run=dry_run,
            documents=tuple(done), warnings=(*manuscript.warnings, *left),
        )  # fmt: skip

    async def _store(self, wanted: Document, *, dry_run: bool) -> ImportedDocument:
        stored = await self._documents.find(wanted.project_id, wanted.id)
        if stored is None:
            action = "added"
        else:
            same = (stored.text, stored.title, stored.number) == (wanted.text, wanted.title, wanted.number)
            action = "unchanged" if same else "updated"
        if not dry_run:
            await self._write(wanted, stored, action)
        names = 0 if dry_run else await self._documents.count_names(wanted.project_id, wanted.id)
        return ImportedDocument(
            document_id=wanted.id, title=wanted.label, words=len(wanted.text.split()), scenes=len(wanted.scenes),
            action=action, names=names,
        )  # fmt: skip

    async def _write(self, wanted: Document, stored: Document | None, action: str) -> None:
        if stored is None:
            await self._documents.create(**wanted.model_dump(exclude={"rev"}))
        elif action == "updated":
            changes = {"text", "title", "number", "scenes", "reading_order", "characters", "kind"}
            await self._documents.update(wanted.project_id, wanted.id, **wanted.model_dump(include=changes))
        elif not await self._documents.is_indexed(stored):
            await self._documents.refresh(stored)

    async def _left_over(self, project_id: str, source: str, kept: set[str]) -> list[str]:
        return [
            f"{head.label!r} of an earlier import is no longer in the file; it was left as it is."
            async for head in self._documents.all(project_id)
            if head.provenance.source == source and head.id not in kept
        ]


def build_documents(project_id: str, source: str, manuscript: Manuscript) -> list[Document]:
    """The documents a manuscript becomes, in reading order, front and back matter too.

    Their ids depend on project, file name and heading only, so that a second import finds them again.
    """
    seen: Counter[str] = Counter()
    documents: list[Document] = []
    for chapter in manuscript.documents:
        place = f"chapter {chapter.number}" if chapter.number is not None else f"section {chapter.heading}"
        seen[place] += 1  # numbers start anew in each part of some books
        document_id = derived_id("doc", project_id, source, place, str(seen[place]))
        documents.append(_document(project_id, source, chapter, document_id, reading_order=len(documents)))
    return documents


def _document(project_id: str, source: str, chapter: Chapter, document_id: str, *, reading_order: int) -> Document:
    return Document(
        id=document_id,
        project_id=project_id,
        provenance=Provenance(by="import", source=source),
        kind="chapter" if chapter.number is not None else "front",
        number=chapter.number,
        title=chapter.title,
        reading_order=reading_order,
        characters=len(chapter.text),
        text=chapter.text,
        scenes=tuple(
            Scene(id=f"{document_id}.{number}", start=scene.start, end=scene.end)
            for number, scene in enumerate(chapter.scenes, start=1)
        ),
    )
