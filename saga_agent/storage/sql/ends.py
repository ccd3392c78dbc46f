"""The ends of things, each in one transaction: what belonged to them goes."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic_core import from_json
from sqlalchemy import Connection, Select, delete, or_, select

from saga_agent.errors import NotFound, RunBusy
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.holdings import end_holdings
from saga_agent.storage.sql.passages import purge_passages
from saga_agent.storage.sql.retention import forget_checkpoints
from saga_agent.storage.sql.tables import (
    AUDIT,
    BLOBS,
    CHANGES,
    DELTAS,
    EMBEDDINGS,
    GRANTS,
    OWNERS,
    RUNS,
    STREAMS,
    THREADS,
)

_AT_WORK = ("queued", "running")


class SqlEnds:
    """Ends over the rows of all nouns of the journal."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def project(self, project_id: str, *, owner_id: str | None = None) -> bool:
        return await self._database.write(lambda conn: _end_project(conn, project_id, owner_id))


def _end_project(conn: Connection, project_id: str, owner_id: str | None) -> bool:
    of_project = THREADS.c.project_id == project_id
    # The lock keeps a turn from starting meanwhile.
    owners = conn.execute(select(THREADS.c.owner_id).where(of_project).order_by(THREADS.c.id).with_for_update())
    found = owners.scalars().all()
    if owner_id is not None and set(found) - {owner_id}:
        raise NotFound("project", project_id)
    live = select(RUNS.c.thread_id, RUNS.c.id).where(RUNS.c.project_id == project_id, RUNS.c.state.in_(_AT_WORK))
    if (busy := conn.execute(live).first()) is not None:
        raise RunBusy(*busy)
    if found:
        forget_threads(conn, select(THREADS.c.id).where(of_project))
    gone = conn.execute(delete(GRANTS).where(GRANTS.c.scope_id == project_id)).rowcount
    gone += _delete_revocations(conn, project_id)
    gone += purge_passages(conn, project_id)
    gone += end_holdings(conn, project_id)
    gone += conn.execute(delete(OWNERS).where(OWNERS.c.default_project_id == project_id)).rowcount
    for table in (CHANGES, BLOBS, EMBEDDINGS):
        gone += conn.execute(delete(table).where(table.c.project_id == project_id)).rowcount
    return bool(found) or gone > 0


def forget_threads(conn: Connection, thread_ids: Select[str] | Sequence[str]) -> None:
    """Removes these threads and all that hangs on them, but for the threads of their subagents."""
    of_threads = RUNS.c.thread_id.in_(thread_ids)
    run_ids = select(RUNS.c.id).where(of_threads)
    forget_checkpoints(conn, thread_ids, run_ids)
    streams = STREAMS.c.id.in_(select(RUNS.c.stream_id).where(of_threads))
    conn.execute(delete(DELTAS).where(DELTAS.c.stream_key.in_(select(STREAMS.c.key).where(streams))))
    conn.execute(delete(STREAMS).where(streams))
    conn.execute(delete(GRANTS).where(or_(GRANTS.c.scope_id.in_(thread_ids), GRANTS.c.scope_id.in_(run_ids))))
    conn.execute(delete(AUDIT).where(AUDIT.c.run_id.in_(run_ids)))
    # Messages, runs, and what belongs to the runs, go with it by foreign key.
    conn.execute(delete(THREADS).where(THREADS.c.id.in_(thread_ids)))


def _delete_revocations(conn: Connection, project_id: str) -> int:
    """Removes the entries on grants that outlived their threads: they are of no run, and few."""
    entries = conn.execute(select(AUDIT.c.id, AUDIT.c.body).where(AUDIT.c.run_id == ""))
    mine = [entry_id for entry_id, body in entries if from_json(body)["project_id"] == project_id]
    for entry_id in mine:
        conn.execute(delete(AUDIT).where(AUDIT.c.id == entry_id))
    return len(mine)
