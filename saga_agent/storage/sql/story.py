"""The story ports that are alike: records by project and id, filtered by equality, changed through their revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, select

from saga_agent.domain.document import Document, DocumentHead
from saga_agent.domain.record import Page, Record
from saga_agent.errors import InvalidInput, NotFound
from saga_agent.storage.protocol import FILTERS
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.paging import Pages
from saga_agent.storage.sql.prepared import Prepared
from saga_agent.storage.sql.revisions import change, put_in, take_out
from saga_agent.storage.sql.rows import Shape
from saga_agent.storage.sql.tables import DOCUMENTS

R = TypeVar("R", bound=Record)


def filtered(port: str, project_id: str, where: Mapping[str, str] | None) -> Mapping[str, str]:
    """What the columns must be equal to for a port's `where`; `InvalidInput` for what is no filter of the port."""
    wanted = dict(where or {})
    if unknown := sorted(set(wanted) - set(FILTERS[port])):
        known = ", ".join(FILTERS[port]) or "none"
        raise InvalidInput(f"{unknown[0]!r} is no filter of {port}; its filters are: {known}.")
    return {"project_id": project_id, **wanted}


class Rows(Generic[R]):
    """All verbs but `list`, which documents have in a form of their own."""

    def __init__(self, database: Database, model: type[R], table: Table, *, port: str, kind: str) -> None:
        self._database, self._table = database, table
        self._shape = Shape(model, table)
        self._port, self._kind = port, kind
        by_key = (table.c.project_id == bindparam("of_project"), table.c.id == bindparam("of_id"))
        self._by_key = Prepared(select(table).where(*by_key))

    async def create(self, record: R) -> R:
        row = self._row(record)
        await self._database.write(lambda conn: put_in(conn, self._table, row, kind=self._kind, key=record.id))
        return record

    async def get(self, project_id: str, record_id: str) -> R:
        def job(conn: Connection) -> R:
            row = self._by_key.record(conn, {"of_project": project_id, "of_id": record_id})
            if row is None:
                raise NotFound(self._kind, record_id)
            return self._shape.record(row)

        return await self._database.read(job)

    async def update(self, record: R, *, expected_rev: int) -> R:
        changed = record.model_copy(update={"rev": expected_rev + 1})
        row, one = self._row(changed), self._one(record.project_id, record.id)
        await self._database.write(
            lambda conn: change(conn, self._table, one, row, expected_rev=expected_rev, kind=self._kind, key=record.id)
        )
        return changed

    async def delete(self, project_id: str, record_id: str) -> None:
        one = self._one(project_id, record_id)
        await self._database.write(lambda conn: take_out(conn, self._table, one, kind=self._kind, key=record_id))

    async def purge(self, project_id: str) -> None:
        def job(conn: Connection) -> None:
            conn.execute(delete(self._table).where(self._table.c.project_id == project_id))

        await self._database.write(job)

    def _row(self, record: R) -> dict[str, object]:
        return self._shape.row(record)

    def _one(self, project_id: str, record_id: str) -> Sequence[ColumnElement[bool]]:
        return (self._table.c.project_id == project_id, self._table.c.id == record_id)


class SqlRecords(Rows[R]):
    """A port whose `list` gives whole records, ordered by id."""

    def __init__(self, database: Database, model: type[R], table: Table, *, port: str, kind: str) -> None:
        super().__init__(database, model, table, port=port, kind=kind)
        self._pages = Pages(list(table.c), self._shape.record, order=[table.c.id])

    async def list(
        self, project_id: str, *, where: Mapping[str, str] | None = None, after: str | None = None, limit: int = 100
    ) -> Page[R]:
        wanted = filtered(self._port, project_id, where)
        return await self._database.read(lambda conn: self._pages.read(conn, wanted, after=after, limit=limit))


class SqlDocuments(Rows[Document]):
    """The manuscript, whose `list` gives heads in reading order and never touches the texts."""

    _HEAD = tuple(column for column in DOCUMENTS.c if column.key not in ("text", "scenes"))

    def __init__(self, database: Database) -> None:
        super().__init__(database, Document, DOCUMENTS, port="documents", kind="document")
        self._heads = Pages(self._HEAD, self._head, order=[DOCUMENTS.c.reading_order, DOCUMENTS.c.id])

    async def list(
        self, project_id: str, *, where: Mapping[str, str] | None = None, after: str | None = None, limit: int = 100
    ) -> Page[DocumentHead]:
        wanted = filtered(self._port, project_id, where)
        return await self._database.read(lambda conn: self._heads.read(conn, wanted, after=after, limit=limit))

    def _row(self, record: Document) -> dict[str, object]:
        # A record keeps `characters` as it was given; a head tells the length of the text.
        return {**super()._row(record), "length": len(record.text)}

    def _head(self, held: Mapping[str, object]) -> DocumentHead:
        return DocumentHead.model_validate({**self._shape.fields_of(held), "characters": held["length"]})
