"""Importing a manuscript: chapters become documents, names become mentions, and a second import changes nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from saga_agent.domain.document import Document, DocumentKind
from saga_agent.domain.plain import mended
from saga_agent.domain.record import Model, Provenance
from saga_agent.domain.time import Scene
from saga_agent.domain.words import count_words
from saga_agent.errors import InvalidInput
from saga_agent.formats.book import AsideReason
from saga_agent.formats.manuscript import Chapter, Manuscript, parse_file
from saga_agent.formats.textfile import read_bytes
from saga_agent.ids import derived_id
from saga_agent.story.documents import DocumentService, Progress
from saga_agent.story.import_account import Balance, ToldAside, refusals, told_asides, weigh_import

_BATCH = 16
"""Documents that are stored at the same time."""


class ImportedDocument(Model):
    """What the import did, or would do, with one chapter."""

    document_id: str
    title: str
    words: int
    scenes: int
    action: Literal["added", "updated", "unchanged"]
    part: str = ""
    """The heading of the part it belongs to, where the book has parts."""
    kind: DocumentKind = "chapter"
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
    balance: Balance
    """The words of the file, weighed against the documents and the asides."""
    encoding: str | None = None
    """How a text file was read; None for Word and EPUB."""
    split: str = "auto"
    """By what it was divided into documents, such as `heading:2` or `words`."""
    other_splits: dict[str, int] = Field(default_factory=dict[str, int])
    """What `split=` could be instead, each with about the number of documents it would make."""
    asides: tuple[ToldAside, ...] = ()
    """What is in the file and in no document."""
    refusals: tuple[str, ...] = ()
    """In a dry run, why the import would be refused; a sentence each."""

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
        self,
        project_id: str,
        path: str | Path,
        *,
        dry_run: bool = False,
        progress: Progress | None = None,
        encoding: str | None = None,
        split: str = "auto",
        keep: Collection[AsideReason] = (),
        allow_loss: bool = False,
        accept_asides: bool = False,
    ) -> ImportReport:
        """Reads the file, stores its chapters; chapters of an earlier import of that file are updated.

        The file is read whole before anything is stored. An import that was cut off is completed by the next one.

        Args:
            project_id: The project.
            path: A text, Markdown, Word or EPUB file.
            dry_run: Whether only to report.
            progress: Is called with every document.
            encoding: How a text file is encoded, where it does not say so itself.
            split: By what it is divided: `auto`, `file` for one document, or `heading:1` to `heading:6`.
            keep: The reasons whose asides become documents.
            allow_loss: Whether to store a book of which the reader has lost words.
            accept_asides: Whether to store it when more than 2 % of its words become no document.

        Raises: `UnreadableFile`; `InvalidInput` for a book not to be stored unasked; `NotFound` for the project.
        """
        manuscript, balance = await asyncio.to_thread(
            read_weighed, Path(path), encoding=encoding, split=split, keep=keep
        )
        refused = refusals(balance, manuscript.asides, allow_loss=allow_loss, accept_asides=accept_asides)
        if refused and not dry_run:
            raise InvalidInput(f"Nothing of {str(path)!r} was imported: {' '.join(refused)}")
        source = mended(Path(path).name)  # a name need not be UTF-8
        wanted = build_documents(project_id, source, manuscript)
        parts = [manuscript.part_of(chapter) for chapter in manuscript.documents]
        done = await self._store_all(project_id, wanted, dry_run=dry_run, progress=progress)
        done = [each.model_copy(update={"part": part}) for each, part in zip(done, parts, strict=True)]
        left = await self._left_over(project_id, source, {document.id for document in wanted})
        return ImportReport(
            project_id=project_id,
            source=source,
            title=manuscript.title,
            dry_run=dry_run,
            documents=tuple(done),
            warnings=(*manuscript.warnings, *left),
            balance=balance,
            encoding=manuscript.encoding,
            split=manuscript.division.chosen,
            other_splits=dict(manuscript.division.alternatives),
            asides=told_asides(manuscript),
            refusals=refused,
        )

    async def _store_all(
        self, project_id: str, wanted: Sequence[Document], *, dry_run: bool, progress: Progress | None
    ) -> list[ImportedDocument]:
        """Stores the documents a batch at a time: what a batch writes at once, a database takes in one transaction."""
        indexed = await self._documents.indexed_revisions(project_id)
        done: list[ImportedDocument] = []
        total, ended = len(wanted), 0

        async def store(document: Document) -> ImportedDocument:
            nonlocal ended
            stored = await self._store(document, indexed.get(document.id), dry_run=dry_run)
            ended += 1
            if progress is not None:
                progress(ended, total, document.label if ended < total else "done")
            return stored

        if progress is not None:
            progress(0, total, wanted[0].label if wanted else "done")
        for batch in (wanted[at : at + _BATCH] for at in range(0, total, _BATCH)):
            for each in await asyncio.gather(*map(store, batch), return_exceptions=True):
                if isinstance(each, BaseException):  # all have ended before one's error is told
                    raise each
                done.append(each)
        return done

    async def _store(self, wanted: Document, indexed_rev: int | None, *, dry_run: bool) -> ImportedDocument:
        stored = await self._documents.find(wanted.project_id, wanted.id)
        if stored is None:
            action = "added"
        else:
            same = (stored.text, stored.title, stored.number) == (wanted.text, wanted.title, wanted.number)
            action = "unchanged" if same else "updated"
        if not dry_run:
            await self._write(wanted, stored, action, indexed_rev)
        names = 0 if dry_run else await self._documents.count_names(wanted.project_id, wanted.id)
        return ImportedDocument(
            document_id=wanted.id,
            title=wanted.label,
            words=count_words(wanted.text),
            scenes=len(wanted.scenes),
            action=action,
            names=names,
            kind=wanted.kind,
        )

    async def _write(self, wanted: Document, stored: Document | None, action: str, indexed_rev: int | None) -> None:
        if stored is None:
            await self._documents.create(**wanted.model_dump(exclude={"rev"}))
        elif action == "updated":
            changes = {"text", "title", "number", "scenes", "reading_order", "characters", "kind"}
            await self._documents.update(wanted.project_id, wanted.id, **wanted.model_dump(include=changes))
        elif stored.text and indexed_rev != stored.rev:  # an import that was cut off had come no further
            await self._documents.refresh(stored)

    async def _left_over(self, project_id: str, source: str, kept: set[str]) -> list[str]:
        return [
            f"{head.label!r} of an earlier import is no longer in the file; it was left as it is."
            async for head in self._documents.all(project_id)
            if head.provenance.source == source and head.id not in kept
        ]


def read_weighed(
    path: Path, *, encoding: str | None = None, split: str = "auto", keep: Collection[AsideReason] = ()
) -> tuple[Manuscript, Balance]:
    """The manuscript in a file, and its words weighed against those of the file; `UnreadableFile`."""
    data = read_bytes(path)
    manuscript = parse_file(data, path=path, encoding=encoding, split=split, keep=keep)
    return manuscript, weigh_import(data, manuscript)


def build_documents(project_id: str, source: str, manuscript: Manuscript) -> list[Document]:
    """The documents a manuscript becomes, in reading order, front and back matter too.

    Their ids depend on project, file name and heading only, so that a second import finds them again.
    """
    seen: Counter[str] = Counter()
    documents: list[Document] = []
    for chapter in manuscript.documents:
        counted = chapter.number is not None and chapter.kind != "part"
        place = f"chapter {chapter.number}" if counted else f"section {chapter.heading}"
        seen[place] += 1  # numbers start anew in each part of some books
        document_id = derived_id("doc", project_id, source, place, str(seen[place]))
        documents.append(_document(project_id, source, chapter, document_id, reading_order=len(documents)))
    return documents


def _document(project_id: str, source: str, chapter: Chapter, document_id: str, *, reading_order: int) -> Document:
    return Document(
        id=document_id,
        project_id=project_id,
        provenance=Provenance(by="import", source=source),
        kind=chapter.kind,
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
