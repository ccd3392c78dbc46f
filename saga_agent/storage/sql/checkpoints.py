"""Checkpoints: bytes for the LangGraph saver; channel values lie beside their checkpoints, by version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Table, TextClause, select, text

from saga_agent.domain.checkpoint import Blob, CheckpointRow, StoredCheckpoint, WriteRow
from saga_agent.storage.sql import checkpoint_reads, retention
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.fence import fenced_run
from saga_agent.storage.sql.prepared import Prepared
from saga_agent.storage.sql.rows import json_text
from saga_agent.storage.sql.tables import CHECKPOINT_BLOBS, CHECKPOINT_WRITES, CHECKPOINTS


def _put(table: Table, *, replace: bool = True, copy: bool = False) -> TextClause:
    """An insert that replaces, or keeps, rows of the same key; with `copy`, of all rows of another thread.

    Written as text: both engines read the same upsert, while SQLAlchemy has one construct for each.
    """
    names = [column.key for column in table.columns]
    key = [column.key for column in table.primary_key]
    source = f"VALUES ({', '.join(f':{name}' for name in names)})"
    if copy:
        source = f"SELECT :target, {', '.join(names[1:])} FROM {table.name} WHERE thread_id = :source"
    change = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key)
    action = f"DO UPDATE SET {change}" if replace else "DO NOTHING"
    return text(f"INSERT INTO {table.name} ({', '.join(names)}) {source} ON CONFLICT ({', '.join(key)}) {action}")


_PUT_CHECKPOINT = Prepared(_put(CHECKPOINTS))
_PUT_BLOB = Prepared(_put(CHECKPOINT_BLOBS))
_PUT_WRITE = Prepared(_put(CHECKPOINT_WRITES))
_KEEP_WRITE = Prepared(_put(CHECKPOINT_WRITES, replace=False))
_COPY = [_put(table, copy=True) for table in (CHECKPOINTS, CHECKPOINT_BLOBS, CHECKPOINT_WRITES)]


class SqlCheckpoints:
    """Bytes for the LangGraph saver."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, row: CheckpointRow, values: Mapping[str, Blob], *, fence: tuple[str, int] | None) -> None:
        place = {"thread_id": row.thread_id, "ns": row.ns}
        checkpoint = {
            **place,
            "id": row.id,
            "parent_id": row.parent_id,
            "run_id": row.run_id,
            "type": row.checkpoint.type,
            "metadata": row.metadata,
            "versions": json_text(dict(row.versions)),
            "data": row.checkpoint.data,
        }
        blobs = [
            {**place, "channel": channel, "version": row.versions[channel], "type": blob.type, "data": blob.data}
            for channel, blob in values.items()
        ]

        def job(conn: Connection) -> None:
            _check(conn, fence)
            _PUT_CHECKPOINT.do(conn, checkpoint)
            _PUT_BLOB.many(conn, blobs)

        await self._database.write(job)

    async def put_writes(
        self, thread_id: str, ns: str, checkpoint_id: str, writes: Sequence[WriteRow], *, fence: tuple[str, int] | None
    ) -> None:
        place = {"thread_id": thread_id, "ns": ns, "checkpoint_id": checkpoint_id}
        replacing = [{**place, **_values(write)} for write in writes if write.idx < 0]
        keeping = [{**place, **_values(write)} for write in writes if write.idx >= 0]

        def job(conn: Connection) -> None:
            _check(conn, fence)
            _PUT_WRITE.many(conn, replacing)
            _KEEP_WRITE.many(conn, keeping)

        await self._database.write(job)

    async def get(self, thread_id: str, ns: str, checkpoint_id: str | None = None) -> StoredCheckpoint | None:
        query = select(CHECKPOINTS).where(CHECKPOINTS.c.thread_id == thread_id, CHECKPOINTS.c.ns == ns)
        if checkpoint_id is not None:
            query = query.where(CHECKPOINTS.c.id == checkpoint_id)
        newest = query.order_by(CHECKPOINTS.c.id.desc()).limit(1)
        found = await self._database.read(lambda conn: checkpoint_reads.load(conn, newest))
        return found[0] if found else None

    async def list(
        self, thread_id: str | None, *, ns: str | None = None, before: str | None = None, limit: int | None = None
    ) -> Sequence[StoredCheckpoint]:
        query = select(CHECKPOINTS)
        if thread_id is not None:
            query = query.where(CHECKPOINTS.c.thread_id == thread_id)
        if ns is not None:
            query = query.where(CHECKPOINTS.c.ns == ns)
        if before is not None:
            query = query.where(CHECKPOINTS.c.id < before)
        newest = query.order_by(CHECKPOINTS.c.id.desc()).limit(limit)
        return await self._database.read(lambda conn: checkpoint_reads.load(conn, newest))

    async def history(
        self, thread_id: str, ns: str, checkpoint_id: str, channels: Sequence[str]
    ) -> Sequence[StoredCheckpoint]:
        return await self._database.read(
            lambda conn: checkpoint_reads.history(conn, thread_id, ns, checkpoint_id, channels)
        )

    async def delete(
        self,
        *,
        thread_ids: Sequence[str] = (),
        run_ids: Sequence[str] = (),
        checkpoints: Sequence[tuple[str, str, str]] = (),
    ) -> None:
        await self._database.write(
            lambda conn: retention.delete_checkpoints(
                conn, thread_ids=thread_ids, run_ids=run_ids, checkpoints=checkpoints
            )
        )

    async def copy(self, source_thread_id: str, target_thread_id: str) -> None:
        def job(conn: Connection) -> None:
            for statement in _COPY:
                conn.execute(statement, {"source": source_thread_id, "target": target_thread_id})

        await self._database.write(job)


def _check(conn: Connection, fence: tuple[str, int] | None) -> None:
    if fence is not None:
        fenced_run(conn, fence[0], fence[1])


def _values(write: WriteRow) -> dict[str, object]:
    return {
        "task_id": write.task_id,
        "task_path": write.task_path,
        "idx": write.idx,
        "channel": write.channel,
        "type": write.value.type,
        "data": write.value.data,
    }
