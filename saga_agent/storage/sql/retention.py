"""Removing checkpoints, and the channel values that no checkpoint is made of any more."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic_core import from_json
from sqlalchemy import Connection, Select, delete, or_, select

from saga_agent.storage.sql.tables import CHECKPOINT_BLOBS, CHECKPOINT_WRITES, CHECKPOINTS

_TABLES = (CHECKPOINTS, CHECKPOINT_WRITES, CHECKPOINT_BLOBS)


def delete_checkpoints(
    conn: Connection,
    *,
    thread_ids: Sequence[str] = (),
    run_ids: Sequence[str] = (),
    checkpoints: Sequence[tuple[str, str, str]] = (),
) -> None:
    """Removes whole threads, the checkpoints of runs, or single (thread_id, ns, id), and values nobody uses."""
    for thread_id in thread_ids:
        for table in _TABLES:
            conn.execute(delete(table).where(table.c.thread_id == thread_id))
    of_runs = select(CHECKPOINTS.c.thread_id, CHECKPOINTS.c.ns, CHECKPOINTS.c.id).where(
        CHECKPOINTS.c.run_id.in_(run_ids)
    )
    gone = (
        {(row.thread_id, row.ns, row.id) for row in conn.execute(of_runs)} if run_ids else set[tuple[str, str, str]]()
    )
    gone.update(checkpoints)
    for thread_id, ns, checkpoint_id in gone:
        _delete_one(conn, thread_id, ns, checkpoint_id)
    for thread_id, ns in {key[:2] for key in gone}:
        _delete_unused(conn, thread_id, ns)


def forget_checkpoints(conn: Connection, thread_ids: Select[str] | Sequence[str], run_ids: Select[str]) -> None:
    """Removes the checkpoints under the ids of these threads and runs, and those that were made in the runs."""
    for table in _TABLES:
        conn.execute(delete(table).where(or_(table.c.thread_id.in_(thread_ids), table.c.thread_id.in_(run_ids))))
    of_runs = select(CHECKPOINTS.c.thread_id, CHECKPOINTS.c.ns, CHECKPOINTS.c.id).where(
        CHECKPOINTS.c.run_id.in_(run_ids)
    )
    delete_checkpoints(conn, checkpoints=[(row[0], row[1], row[2]) for row in conn.execute(of_runs)])


def _delete_one(conn: Connection, thread_id: str, ns: str, checkpoint_id: str) -> None:
    table, writes = CHECKPOINTS, CHECKPOINT_WRITES
    conn.execute(delete(table).where(table.c.thread_id == thread_id, table.c.ns == ns, table.c.id == checkpoint_id))
    of_checkpoint = (writes.c.thread_id == thread_id, writes.c.ns == ns, writes.c.checkpoint_id == checkpoint_id)
    conn.execute(delete(writes).where(*of_checkpoint))


def _delete_unused(conn: Connection, thread_id: str, ns: str) -> None:
    table, blobs = CHECKPOINTS, CHECKPOINT_BLOBS
    versions = conn.execute(select(table.c.versions).where(table.c.thread_id == thread_id, table.c.ns == ns)).scalars()
    used = {pair for text in versions for pair in from_json(text).items()}
    of_place = (blobs.c.thread_id == thread_id, blobs.c.ns == ns)
    stored = conn.execute(select(blobs.c.channel, blobs.c.version).where(*of_place)).all()
    for channel, version in stored:
        if (channel, version) not in used:
            conn.execute(delete(blobs).where(*of_place, blobs.c.channel == channel, blobs.c.version == version))
