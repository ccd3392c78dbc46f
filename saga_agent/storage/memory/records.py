"""The story ports that are alike: records by id, filtered by equality."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

from saga_agent.domain.document import Document, DocumentHead
from saga_agent.domain.record import Page, Record
from saga_agent.errors import AlreadyExists, Conflict, InvalidInput, NotFound
from saga_agent.storage.memory.detached import detached
from saga_agent.storage.memory.paging import page
from saga_agent.storage.protocol import FILTERS

R = TypeVar("R", bound=Record)


def matching(port: str, rows: Iterator[R], where: Mapping[str, str] | None) -> Iterator[R]:
    """The rows whose fields equal all of `where`; `InvalidInput` for a field that is no filter of the port."""
    wanted = dict(where or {})
    if unknown := sorted(set(wanted) - set(FILTERS[port])):
        known = ", ".join(FILTERS[port]) or "none"
        raise InvalidInput(f"{unknown[0]!r} is no filter of {port}; its filters are: {known}.")
    return (row for row in rows if all(getattr(row, field) == value for field, value in wanted.items()))


class Rows(Generic[R]):
    """All verbs but `list`, which documents have in a form of their own."""

    def __init__(self, port: str, kind: str) -> None:
        self._port, self._kind = port, kind
        self._rows: dict[tuple[str, str], R] = {}

    async def create(self, record: R) -> R:
        if (record.project_id, record.id) in self._rows:
            raise AlreadyExists(self._kind, record.id)
        self._rows[record.project_id, record.id] = detached(record)
        return record

    async def get(self, project_id: str, record_id: str) -> R:
        return detached(self._stored(project_id, record_id))

    async def update(self, record: R, *, expected_rev: int) -> R:
        current = self._stored(record.project_id, record.id).rev
        if current != expected_rev:
            raise Conflict(self._kind, record.id, expected_rev=expected_rev, current_rev=current)
        changed = record.model_copy(update={"rev": expected_rev + 1})
        self._rows[record.project_id, record.id] = detached(changed)
        return changed

    async def delete(self, project_id: str, record_id: str) -> None:
        self._stored(project_id, record_id)
        del self._rows[project_id, record_id]

    async def purge(self, project_id: str) -> None:
        for key in [key for key in self._rows if key[0] == project_id]:
            del self._rows[key]

    def _stored(self, project_id: str, record_id: str) -> R:
        try:
            return self._rows[project_id, record_id]
        except KeyError:
            raise NotFound(self._kind, record_id) from None

    def _matching(self, project_id: str, where: Mapping[str, str] | None) -> Iterator[R]:
        of_project = (row for (project, _), row in self._rows.items() if project == project_id)
        return matching(self._port, of_project, where)


class MemoryRecords(Rows[R]):
    """A port whose `list` gives whole records, ordered by id."""

    async def list(
        self, project_id: str, *, where: Mapping[str, str] | None = None, after: str | None = None, limit: int = 100
    ) -> Page[R]:
        return page(self._matching(project_id, where), key=lambda record: (record.id,), after=after, limit=limit)


class MemoryDocuments(Rows[Document]):
    """The manuscript, whose `list` gives heads in reading order."""

    def __init__(self) -> None:
        super().__init__("documents", "document")

    async def list(
        self, project_id: str, *, where: Mapping[str, str] | None = None, after: str | None = None, limit: int = 100
    ) -> Page[DocumentHead]:
        found = page(
            self._matching(project_id, where), key=lambda row: (row.reading_order, row.id), after=after, limit=limit
        )
        return Page(tuple(document.head() for document in found.items), found.next)
