"""Bytes by hash: the blobs of a project, and the vectors that texts became for models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, delete, select

from saga_agent.domain.blob import StoredBlob, check_hash
from saga_agent.errors import NotFound
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.engine.rows import put_once
from saga_agent.storage.sql.engine.statements import insert_new
from saga_agent.storage.sql.tables.definitions import BLOBS, EMBEDDINGS


class SqlBlobs:
    """Bytes by (project, SHA-256)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, project_id: str, sha256: str, media_type: str, data: bytes) -> None:
        check_hash(sha256, data)
        row = {"project_id": project_id, "sha256": sha256, "media_type": media_type, "data": data}

        def job(conn: Connection) -> None:
            if conn.execute(select(BLOBS.c.sha256).where(*_one(project_id, sha256))).first() is None:
                put_once(conn, BLOBS, row)

        await self._database.write(job)

    async def get(self, project_id: str, sha256: str) -> StoredBlob:
        def job(conn: Connection) -> StoredBlob:
            row = conn.execute(select(BLOBS).where(*_one(project_id, sha256))).first()
            if row is None:
                raise NotFound("blob", sha256)
            return StoredBlob(row.media_type, bytes(row.data))

        return await self._database.read(job)

    async def delete(self, project_id: str, sha256: str) -> None:
        await self._remove(*_one(project_id, sha256))

    async def purge(self, project_id: str) -> None:
        await self._remove(BLOBS.c.project_id == project_id)

    async def _remove(self, *where: ColumnElement[bool]) -> None:
        def job(conn: Connection) -> None:
            conn.execute(delete(BLOBS).where(*where))

        await self._database.write(job)


def _one(project_id: str, sha256: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (BLOBS.c.project_id == project_id, BLOBS.c.sha256 == sha256)


_ADD = insert_new(EMBEDDINGS, [column.key for column in EMBEDDINGS.columns])
_AT_ONCE = 500
"""How many hashes one statement names: engines limit its parameters."""


class SqlEmbeddings:
    """Vectors by (project, document, model, SHA-256)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def replace(self, project_id: str, document_id: str, model: str, vectors: Mapping[str, bytes]) -> None:
        table = EMBEDDINGS
        of_document = (table.c.project_id == project_id, table.c.document_id == document_id, table.c.model == model)
        place = {"project_id": project_id, "document_id": document_id, "model": model}

        def job(conn: Connection) -> None:
            stored = set(conn.execute(select(table.c.sha256).where(*of_document)).scalars())
            for hashes in _batches(sorted(stored - vectors.keys())):
                conn.execute(delete(table).where(*of_document, table.c.sha256.in_(hashes)))
            new = [{**place, "sha256": each, "vector": vectors[each]} for each in vectors if each not in stored]
            if new:
                conn.execute(_ADD, new)

        await self._database.write(job)

    async def find(self, project_id: str, model: str, hashes: Sequence[str]) -> Mapping[str, bytes]:
        table = EMBEDDINGS
        of_model = (table.c.project_id == project_id, table.c.model == model)

        def job(conn: Connection) -> Mapping[str, bytes]:
            return {
                row.sha256: bytes(row.vector)
                for batch in _batches(hashes)
                for row in conn.execute(
                    select(table.c.sha256, table.c.vector).where(*of_model, table.c.sha256.in_(batch))
                )
            }

        return await self._database.read(job)

    async def purge(self, project_id: str, *, document_id: str | None = None) -> None:
        removal = delete(EMBEDDINGS).where(EMBEDDINGS.c.project_id == project_id)
        if document_id is not None:
            removal = removal.where(EMBEDDINGS.c.document_id == document_id)

        def job(conn: Connection) -> None:
            conn.execute(removal)

        await self._database.write(job)


def _batches(hashes: Sequence[str]) -> Iterator[Sequence[str]]:
    return (hashes[start : start + _AT_ONCE] for start in range(0, len(hashes), _AT_ONCE))
