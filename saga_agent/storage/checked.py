"""A port's words, checked: whatever a host's table gives, nobody is shown a row that was not asked for.

A table whose collation folds case takes "ADA" for "ada", one that pads takes "ada " for it. The ports promise equality
by code point and `saga_agent.testing.storage` proves it; where the promise is broken all the same, the row is left out,
as if it were not there, and the log says so.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from typing import Any, TypeVar

from saga_agent.domain.entity import Entity
from saga_agent.domain.notes import Appearance, Mention
from saga_agent.domain.project import Project
from saga_agent.domain.record import Page, Record, Revisions
from saga_agent.errors import NotFound, StorageError
from saga_agent.storage.ports.story import Entities, Mentions, Projects, StoryPorts

_log = logging.getLogger(__name__)
T = TypeVar("T")
_PAGE = 500


def checked(ports: StoryPorts) -> StoryPorts:
    """The same ports, whose answers are held against what was asked."""
    held: dict[str, Any] = {"projects": CheckedProjects(ports.projects), "mentions": CheckedMentions(ports.mentions)}
    held["entities"] = CheckedEntities(ports.entities)
    others = [port.name for port in fields(StoryPorts) if port.name not in held]
    return replace(ports, **held, **{name: CheckedRecords(name, getattr(ports, name)) for name in others})


class CheckedProjects:
    """The projects of all owners: those of the owner, by the id that was asked for."""

    def __init__(self, port: Projects) -> None:
        self._port = port

    async def create(self, project: Project) -> Project:
        return _same("projects", project.id, await self._port.create(project))

    async def get(self, project_id: str) -> Project:
        found = await self._port.get(project_id)
        if not _fits("projects", found, {"id": project_id}):
            raise NotFound("project", project_id)
        return found

    async def list(self, owner_id: str, *, after: str | None = None, limit: int = 100) -> Page[Project]:
        page = await self._port.list(owner_id, after=after, limit=limit)
        return Page(_fitting("projects", page.items, {"owner_id": owner_id}), page.next)

    async def update(self, project: Project, *, expected_rev: int) -> Project:
        return _same("projects", project.id, await self._port.update(project, expected_rev=expected_rev))

    async def delete(self, project_id: str) -> None:
        await self._port.delete(project_id)


class CheckedRecords:
    """Any port of records: those of the project, that match, by the id that was asked for."""

    def __init__(self, name: str, port: Any) -> None:
        self._name, self._port = name, port

    async def create(self, record: Record) -> Record:
        return _same(self._name, record.id, await self._port.create(record))

    async def create_many(self, records: Sequence[Record]) -> Sequence[Record]:
        if (create_many := getattr(self._port, "create_many", None)) is None:
            return await self._one_by_one(records)
        stored: Sequence[Record] = await create_many(records)
        return [_same(self._name, record.id, row) for record, row in zip(records, stored, strict=True)]

    async def _one_by_one(self, records: Sequence[Record]) -> Sequence[Record]:
        """For a host's port without the verb: what was stored is taken back when one is refused."""
        stored: list[Record] = []
        try:
            for record in records:
                stored += [await self.create(record)]
        except BaseException:
            for record in reversed(stored):
                with suppress(NotFound):
                    await self._port.delete(record.project_id, record.id)
            raise
        return stored

    async def get(self, project_id: str, record_id: str) -> Record:
        found = await self._port.get(project_id, record_id)
        if not _fits(self._name, found, {"project_id": project_id, "id": record_id}):
            raise NotFound(type(found).__name__.lower(), record_id)
        return found

    async def list(
        self, project_id: str, *, where: Mapping[str, str] | None = None, after: str | None = None, limit: int = 100
    ) -> Page[Record]:
        page = await self._port.list(project_id, where=where, after=after, limit=limit)
        return Page(_fitting(self._name, page.items, {"project_id": project_id, **(where or {})}), page.next)

    async def update(self, record: Record, *, expected_rev: int) -> Record:
        return _same(self._name, record.id, await self._port.update(record, expected_rev=expected_rev))

    async def delete(self, project_id: str, record_id: str) -> None:
        await self._port.delete(project_id, record_id)

    async def purge(self, project_id: str) -> None:
        await self._port.purge(project_id)


class CheckedEntities(CheckedRecords):
    """The story bible, which is asked for by words, too."""

    def __init__(self, port: Entities) -> None:
        super().__init__("entities", port)

    async def named(self, project_id: str, words: Sequence[str], *, limit: int = 100) -> Sequence[Entity]:
        found = await self._port.named(project_id, words, limit=limit)
        return _fitting("entities", found, {"project_id": project_id})

    async def revisions(self, project_id: str, *, since: str | None = None) -> Revisions:
        verb = getattr(self._port, "revisions", None)
        if verb is not None:
            return await verb(project_id, since=since)
        held: dict[str, int] = {}
        after: str | None = None
        while True:
            page = await self.list(project_id, after=after, limit=_PAGE)
            held |= {record.id: record.rev for record in page.items}
            if (after := page.next) is None:
                return Revisions(held)


class CheckedMentions:
    """The names in the text: those of the project, that match."""

    def __init__(self, port: Mentions) -> None:
        self._port = port

    async def replace(self, project_id: str, document_id: str, mentions: Sequence[Mention]) -> None:
        await self._port.replace(project_id, document_id, mentions)

    async def list(
        self, project_id: str, *, where: Mapping[str, str] | None = None, after: str | None = None, limit: int = 1000
    ) -> Page[Mention]:
        page = await self._port.list(project_id, where=where, after=after, limit=limit)
        return Page(_fitting("mentions", page.items, {"project_id": project_id, **(where or {})}), page.next)

    async def count(self, project_id: str, *, document_id: str | None = None) -> Sequence[Appearance]:
        found = await self._port.count(project_id, document_id=document_id)
        return found if document_id is None else _fitting("mentions", found, {"document_id": document_id})

    async def purge(self, project_id: str) -> None:
        await self._port.purge(project_id)


def _fits(port: str, row: object, asked: Mapping[str, str]) -> bool:
    for name, value in asked.items():
        if getattr(row, name, value) != value:
            _log.error("the port %r gave a row whose %s is not the one that was asked for; it is left out", port, name)
            return False
    return True


def _fitting(port: str, rows: Iterable[T], asked: Mapping[str, str]) -> tuple[T, ...]:
    return tuple(row for row in rows if _fits(port, row, asked))


def _same(port: str, wanted: str, row: T) -> T:
    given = getattr(row, "id", wanted)
    if given != wanted:
        raise StorageError(f"The port {port!r} stored {wanted!r} and gave back {given!r}; prove it with the kit.")
    return row
