"""Exports: a project written as the files other apps read."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args

from saga_agent.domain.document import Document
from saga_agent.domain.record import Model
from saga_agent.errors import InvalidInput
from saga_agent.formats.card import CharacterCard, write_card
from saga_agent.formats.card_files import Container
from saga_agent.formats.lorebook import write_lorebook
from saga_agent.formats.note import write_note
from saga_agent.formats.vault import note_file
from saga_agent.story.documents import DocumentService
from saga_agent.story.exchange.contents import ContentsReader
from saga_agent.story.exchange.manuscript_export import ManuscriptFormat, WrittenBook, write_book
from saga_agent.story.exchange.to_card import build_card, pick_character
from saga_agent.story.exchange.to_lorebook import build_lorebook
from saga_agent.story.exchange.to_vault import build_vault
from saga_agent.story.projects import ProjectService
from saga_agent.story.proposals import ProposalService

ExportFormat = Literal["md", "txt", "docx", "epub", "vault", "lorebook", "card"]
EXPORT_FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)

_BY_SUFFIX: Mapping[str, ExportFormat] = {
    ".md": "md",
    ".markdown": "md",
    ".txt": "txt",
    ".docx": "docx",
    ".epub": "epub",
    ".png": "card",
    ".charx": "card",
}
_CONTAINERS: Mapping[str, Container] = {".png": "png", ".charx": "charx", ".json": "json"}


class ExportReport(Model):
    """What an export wrote, or in a dry run would write."""

    project_id: str
    format: ExportFormat
    path: str
    dry_run: bool
    files: tuple[str, ...]
    """The files that are new or differ from what was there; within the folder, for a vault."""
    lost: tuple[str, ...] = ()
    """What has no place in the format, one sentence each."""


class StoryExport:
    """Exports the projects of one owner."""

    def __init__(
        self, projects: ProjectService, documents: DocumentService, proposals: ProposalService, contents: ContentsReader
    ) -> None:
        self._projects, self._documents, self._proposals = projects, documents, proposals
        self._contents = contents

    async def run(
        self,
        project_id: str,
        path: str | Path,
        *,
        format: ExportFormat | None = None,
        character: str | None = None,
        tracked: bool = False,
        overwrite: bool = False,
        dry_run: bool = False,
    ) -> ExportReport:
        """Writes the project's manuscript or bible to the path.

        What was imported is given back as it was, byte for byte, where nothing has changed since.

        Args:
            project_id: The project.
            path: A file; for a vault a folder, in which nothing is deleted.
            format: As the path's suffix says when None.
            character: The name of the character, for a card.
            tracked: Whether open proposals are set as tracked changes; docx only.
            overwrite: Whether files that are there with other content may be replaced.
            dry_run: Whether only to report.

        Raises: `NotFound`; `InvalidInput` for a path that is taken, or a format that cannot be told.
        """
        target = Path(path)
        wanted = format or _format_of(target)
        if tracked and wanted != "docx":
            raise InvalidInput("Tracked changes can be written to docx alone; leave tracked out, or choose docx.")
        files, lost = await self._files(project_id, target, wanted, character=character, tracked=tracked)
        written = await asyncio.to_thread(_differing, files, overwrite=overwrite)
        if not dry_run:
            await asyncio.to_thread(_write, {path: files[path] for path in written})
        names = tuple(path.relative_to(target).as_posix() if wanted == "vault" else str(path) for path in written)
        return ExportReport(
            project_id=project_id, format=wanted, path=str(target), dry_run=dry_run, files=names, lost=tuple(lost)
        )

    async def _files(
        self, project_id: str, target: Path, wanted: ExportFormat, *, character: str | None, tracked: bool
    ) -> tuple[dict[Path, bytes], list[str]]:
        project = await self._projects.get(project_id)
        if wanted in ("md", "txt", "docx", "epub"):
            book = await self._book(project_id, project.name, wanted, tracked=tracked)
            return {target: book.data}, list(book.lost)
        contents = await self._contents.read(project_id, wanted)
        if wanted == "vault":
            notes = build_vault(contents)
            return {note_file(target, note.path): write_note(note) for note in notes}, contents.lost
        if wanted == "lorebook":
            data = write_lorebook(build_lorebook(contents, name=project.name))
        else:
            card = build_card(contents, pick_character(contents, character))
            data = write_card(card, container=_container(target, card))
        return {target: data}, contents.lost

    async def _book(self, project_id: str, title: str, wanted: ManuscriptFormat, *, tracked: bool) -> WrittenBook:
        heads = [head async for head in self._documents.all(project_id)]
        if not heads:
            raise InvalidInput(f"The project {title!r} has no documents to export; import a manuscript first.")
        heads.sort(key=lambda head: (head.reading_order, head.id))
        documents: list[Document] = [await self._documents.get(project_id, head.id) for head in heads]
        proposals = [each async for each in self._proposals.all(project_id)] if tracked else []
        return await asyncio.to_thread(write_book, title, documents, wanted, proposals=proposals)


def _format_of(path: Path) -> ExportFormat:
    suffix = path.suffix.lower()
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    if suffix == ".json":
        raise InvalidInput("A .json file may be a lorebook or a card; say which format.")
    if path.is_dir() or not suffix:
        return "vault"
    known = ", ".join(EXPORT_FORMATS)
    raise InvalidInput(f"No format is written to {suffix!r} files; name one of {known}.")


def _container(target: Path, card: CharacterCard) -> Container:
    return _CONTAINERS.get(target.suffix.lower(), card.container)


def _differing(files: Mapping[Path, bytes], *, overwrite: bool) -> list[Path]:
    """The files that are not there yet as they shall be; refuses to replace others unless it may."""
    found: list[Path] = []
    for path, data in files.items():
        if path.is_dir():
            raise InvalidInput(f"Cannot write {str(path)!r}: it is a folder; name a file.")
        if path.is_file():
            if path.read_bytes() == data:
                continue
            if not overwrite:
                raise InvalidInput(f"{str(path)!r} is there with other content; choose another path, or overwrite it.")
        found.append(path)
    return found


def _write(files: Mapping[Path, bytes]) -> None:
    """Writes each file in one step."""
    for path, data in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_name(f".{path.name}.partial")
            partial.write_bytes(data)
            partial.replace(path)
        except OSError as error:
            raise InvalidInput(f"Cannot write {str(path)!r}: {error.strerror or error}.") from error
