"""Snapshots: which findings were open when a project was checked."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from saga_agent.domain.snapshot import KEPT_OF_PROJECT, KEPT_OF_SCOPE, Snapshot
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.engine.rows import Shape, put_once
from saga_agent.storage.sql.tables.definitions import SNAPSHOTS

_SHAPE = Shape(Snapshot, SNAPSHOTS)
_OF = SNAPSHOTS.c


class SqlSnapshots:
    """One row a snapshot, in the order they were taken."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, snapshot: Snapshot) -> Snapshot:
        return await self._database.write(lambda conn: _add(conn, snapshot))

    async def find(self, project_id: str, scope: str, *, rev: int | None = None) -> Snapshot | None:
        return await self._database.read(lambda conn: _find(conn, project_id, scope, rev))


def _add(conn: Connection, snapshot: Snapshot) -> Snapshot:
    while True:  # another process may have taken the same revision meanwhile
        last = _find(conn, snapshot.project_id, snapshot.scope, None)
        if last is not None and last.finding_ids == snapshot.finding_ids:
            return last
        wanted = snapshot.model_copy(update={"rev": last.rev + 1 if last else 1})
        put_once(conn, SNAPSHOTS, _SHAPE.row(wanted))
        if _find(conn, snapshot.project_id, snapshot.scope, wanted.rev) == wanted:
            _prune(conn, wanted)
            return wanted


def _find(conn: Connection, project_id: str, scope: str, rev: int | None) -> Snapshot | None:
    query = select(SNAPSHOTS).where(_OF.project_id == project_id, _OF.scope == scope)
    query = query.order_by(_OF.rev.desc()).limit(1) if rev is None else query.where(_OF.rev == rev)
    row = conn.execute(query).first()
    return None if row is None else _SHAPE.model(row)


def _prune(conn: Connection, newest: Snapshot) -> None:
    of_project = _OF.project_id == newest.project_id
    conn.execute(delete(SNAPSHOTS).where(of_project, _OF.scope == newest.scope, _OF.rev <= newest.rev - KEPT_OF_SCOPE))
    beyond = select(_OF.seq).where(of_project).order_by(_OF.seq.desc()).offset(KEPT_OF_PROJECT).limit(1)
    if (oldest := conn.execute(beyond).scalar()) is not None:
        conn.execute(delete(SNAPSHOTS).where(of_project, _OF.seq <= oldest))
