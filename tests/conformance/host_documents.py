"""A host's own documents table as a story port: plain sqlite3, the table as the host's app had it all along.

It shows what an adapter must do, and no more: columns for what the host knows (`chapters` has a book, a title, a body,
a position), and one JSON column for what only the library knows.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from saga_agent.domain.document import Document, DocumentHead
from saga_agent.domain.record import Page
from saga_agent.errors import AlreadyExists, Conflict, InvalidInput, NotFound

T = TypeVar("T")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS chapters (
    id TEXT PRIMARY KEY,
    book_id TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    position INTEGER NOT NULL,
    length INTEGER NOT NULL,
    version INTEGER NOT NULL,
    saga JSON NOT NULL
);
CREATE INDEX IF NOT EXISTS chapters_in_order ON chapters (book_id, position, id);
"""
_COLUMNS = {"id": "id", "project_id": "book_id", "title": "title", "reading_order": "position", "rev": "version"}
"""Fields of a document that have a column of the host's; `text` and `characters` are treated apart."""
_FILTERS = {"kind": "saga ->> 'kind'", "parent_id": "saga ->> 'parent_id'"}


class HostDocuments:
    """The documents port over the table `chapters`.

    All statements run on one thread with one connection, one transaction each. So verbs never overlap, and a verb
    whose task is cancelled still ends as a whole before the next one begins.
    """

    def __init__(self, path: Path) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="chapters")
        self._database = self._thread.submit(_connect, path).result()

    def close(self) -> None:
        """Finishes what is under way and closes the file."""
        self._thread.submit(self._database.close).result()
        self._thread.shutdown()

    async def create(self, record: Document) -> Document:
        def insert(db: sqlite3.Connection) -> Document:
            row = _row(record)
            names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
            try:
                db.execute(f"INSERT INTO chapters ({names}) VALUES ({marks})", row)
            except sqlite3.IntegrityError:
                raise AlreadyExists("document", record.id) from None
            return record

        return await self._run(insert)

    async def get(self, project_id: str, record_id: str) -> Document:
        def select(db: sqlite3.Connection) -> Document:
            found = db.execute(
                "SELECT * FROM chapters WHERE book_id = ? AND id = ?", (project_id, record_id)
            ).fetchone()
            if found is None:
                raise NotFound("document", record_id)
            return _document(found)

        return await self._run(select)

    async def list(
        self, project_id: str, *, where: Mapping[str, str] | None = None, after: str | None = None, limit: int = 100
    ) -> Page[DocumentHead]:
        conditions, values = ["book_id = ?"], [project_id]
        for name, value in (where or {}).items():
            if name not in _FILTERS:
                raise InvalidInput(f"{name!r} is no filter of documents; its filters are: {', '.join(_FILTERS)}.")
            conditions.append(f"{_FILTERS[name]} = ?")
            values.append(value)
        if after is not None:
            # The cursor holds the sort key, not an offset, so that it stays valid while chapters come and go.
            position, record_id = json.loads(after)
            conditions.append("(position, id) > (?, ?)")
            values += [position, record_id]

        def select(db: sqlite3.Connection) -> Page[DocumentHead]:
            columns = "id, book_id, title, position, length, version, saga"  # all but the body
            query = f"SELECT {columns} FROM chapters WHERE {' AND '.join(conditions)} ORDER BY position, id LIMIT ?"
            rows = db.execute(query, [*values, limit + 1]).fetchall()
            heads = tuple(_head(row) for row in rows[:limit])
            more = len(rows) > limit
            return Page(heads, json.dumps([heads[-1].reading_order, heads[-1].id]) if more else None)

        return await self._run(select)

    async def update(self, record: Document, *, expected_rev: int) -> Document:
        changed = record.model_copy(update={"rev": expected_rev + 1})

        def update(db: sqlite3.Connection) -> Document:
            row = _row(changed)
            assignments = ", ".join(f"{name} = :{name}" for name in row)
            of_chapter = "WHERE book_id = :book_id AND id = :id"
            statement = f"UPDATE chapters SET {assignments} {of_chapter} AND version = :expected"
            done = db.execute(statement, {**row, "expected": expected_rev})
            if done.rowcount == 0:
                current = db.execute(f"SELECT version FROM chapters {of_chapter}", row).fetchone()
                if current is None:
                    raise NotFound("document", record.id)
                raise Conflict("document", record.id, expected_rev=expected_rev, current_rev=current["version"])
            return changed

        return await self._run(update)

    async def delete(self, project_id: str, record_id: str) -> None:
        def delete(db: sqlite3.Connection) -> None:
            done = db.execute("DELETE FROM chapters WHERE book_id = ? AND id = ?", (project_id, record_id))
            if done.rowcount == 0:
                raise NotFound("document", record_id)

        await self._run(delete)

    async def purge(self, project_id: str) -> None:
        await self._run(lambda db: db.execute("DELETE FROM chapters WHERE book_id = ?", (project_id,)))

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        def transaction() -> T:
            with self._database:
                return work(self._database)

        return await asyncio.get_running_loop().run_in_executor(self._thread, transaction)


def _connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path)
    database.row_factory = sqlite3.Row
    database.execute("PRAGMA journal_mode = WAL")
    database.executescript(_SCHEMA)
    return database


def _row(document: Document) -> dict[str, Any]:
    fields = document.model_dump(mode="json")
    row = {column: fields.pop(field) for field, column in _COLUMNS.items()}
    body = fields.pop("text")
    return {**row, "body": body, "length": len(body), "saga": json.dumps(fields)}


def _fields(row: sqlite3.Row) -> dict[str, Any]:
    return {**json.loads(row["saga"]), **{field: row[column] for field, column in _COLUMNS.items()}}


def _document(row: sqlite3.Row) -> Document:
    return Document.model_validate({**_fields(row), "text": row["body"]})


def _head(row: sqlite3.Row) -> DocumentHead:
    fields = {**_fields(row), "characters": row["length"]}
    fields.pop("scenes")
    return DocumentHead.model_validate(fields)
