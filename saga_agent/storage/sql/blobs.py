"""Blobs: bytes by project and hash."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, delete, select

from saga_agent.domain.blob import StoredBlob, check_hash
from saga_agent.errors import NotFound
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.revisions import put_once
from saga_agent.storage.sql.tables import BLOBS


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
