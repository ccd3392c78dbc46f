"""The app's own table of documents, as the port through which Saga Agent reads and writes them."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from saga_agent.domain.document import Document, DocumentHead
from saga_agent.domain.record import Page
from saga_agent.errors import AlreadyExists, Conflict, InvalidInput, NotFound

_OWN_NAMES = {"project_id": "book", "reading_order": "position", "rev": "version", "text": "body"}
COLUMNS = {"id": "id", "title": "title"} | _OWN_NAMES
"""What is the app's own; all else that the library knows of a document is in the column `saga`."""
FILTERS = {"kind": "saga ->> 'kind'", "parent_id": "saga ->> 'parent_id'"}


class OwnDocuments:
    """The port: one transaction a verb."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def execute(self, query: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        """The query's rows; the app's own queries go this way, too."""

        def transaction() -> list[sqlite3.Row]:
            with closing(sqlite3.connect(self._path)) as db, db:
                db.row_factory = sqlite3.Row
                return db.execute(query, values).fetchall()

        return await asyncio.to_thread(transaction)

    async def create(self, record: Document) -> Document:
        row = _to_row(record)
        insert = f"INSERT INTO documents ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"
        try:
            await self.execute(insert, [*row.values()])
        except sqlite3.IntegrityError:
            raise AlreadyExists("document", record.id) from None
        return record

    async def get(self, project_id: str, record_id: str) -> Document:
        for row in await self.execute("SELECT * FROM documents WHERE book = ? AND id = ?", (project_id, record_id)):
            return _to_document(row)
        raise NotFound("document", record_id)

    async def list(
        self, project_id: str, *, where: Mapping[str, str] | None = None, after: str | None = None, limit: int = 100
    ) -> Page[DocumentHead]:
        where = where or {}
        if unknown := sorted(where.keys() - FILTERS):
            raise InvalidInput(f"{unknown[0]!r} is no filter of documents; its filters are: {', '.join(FILTERS)}.")
        conditions = ["book = ?", *(f"{FILTERS[name]} = ?" for name in where)]
        values: list[object] = [project_id, *where.values()]
        if after is not None:
            conditions.append("(position, id) > (?, ?)")
            values += json.loads(after)
        select = f"SELECT * FROM documents WHERE {' AND '.join(conditions)} ORDER BY position, id LIMIT ?"
        rows = await self.execute(select, [*values, limit + 1])
        heads = tuple(_to_document(row).head() for row in rows[:limit])
        return Page(heads, json.dumps([heads[-1].reading_order, heads[-1].id]) if len(rows) > limit else None)

    async def update(self, record: Document, *, expected_rev: int) -> Document:
        changed, key = record.model_copy(update={"rev": expected_rev + 1}), [record.id, expected_rev, record.project_id]
        row = _to_row(changed)
        update = f"UPDATE documents SET {', '.join(f'{name} = ?' for name in row)} WHERE id = ? AND version = ?"
        if await self.execute(f"{update} AND book = ? RETURNING id", [*row.values(), *key]):
            return changed
        current = await self.get(record.project_id, record.id)
        raise Conflict("document", record.id, expected_rev=expected_rev, current_rev=current.rev)

    async def delete(self, project_id: str, record_id: str) -> None:
        key = (project_id, record_id)
        if not await self.execute("DELETE FROM documents WHERE book = ? AND id = ? RETURNING id", key):
            raise NotFound("document", record_id)

    async def purge(self, project_id: str) -> None:
        await self.execute("DELETE FROM documents WHERE book = ?", (project_id,))


def _to_row(document: Document) -> dict[str, object]:
    fields = document.model_dump(mode="json")
    return {column: fields.pop(field) for field, column in COLUMNS.items()} | {"saga": json.dumps(fields)}


def _to_document(row: sqlite3.Row) -> Document:
    return Document.model_validate(json.loads(row["saga"]) | {field: row[name] for field, name in COLUMNS.items()})
