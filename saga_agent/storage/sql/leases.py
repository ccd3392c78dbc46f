"""Leases: who holds which runs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Select, bindparam, select, text, union_all, update

from saga_agent.domain.journal import HeldRun, Run
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.fence import RUN
from saga_agent.storage.sql.prepared import Prepared
from saga_agent.storage.sql.tables import RUNS

# The first half is the condition of the index, word for word: SQLite does not see that the second one implies it.
_AT_WORK = text("state IN ('queued', 'running', 'waiting') AND state IN ('queued', 'running')")
_TO_STOP = text("state = 'waiting' AND stop_requested")
_MINE = (_AT_WORK, RUNS.c.runner == bindparam("of_runner"))
_HELD_COLUMNS = (RUNS.c.id, RUNS.c.stop_requested)
_HELD = Prepared(select(*_HELD_COLUMNS).where(*_MINE))
_RENEW = Prepared(update(RUNS).where(*_MINE).values(lease_until=bindparam("until")).returning(*_HELD_COLUMNS))
_HOLDERS = Prepared(select(RUNS.c.runner).where(_AT_WORK, RUNS.c.runner.is_not(None)).distinct())
_CLOCKS = {
    # Both in milliseconds at least; SQLite's older releases know no finer spelling.
    "sqlite": "SELECT (julianday('now') - 2440587.5) * 86400.0",
    "postgresql": "SELECT extract(epoch FROM clock_timestamp())::double precision",
}


class SqlLeases:
    """Who holds the runs that are at work."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def now(self) -> float:
        def look(conn: Connection) -> float:
            return float(conn.exec_driver_sql(_CLOCKS[conn.dialect.name]).scalar_one())

        return await self._database.read(look, urgent=True)

    async def held(self, runner: str) -> Sequence[HeldRun]:
        values = {"of_runner": runner}
        rows = await self._database.read(lambda conn: _HELD.all(conn, values), urgent=True)
        return [HeldRun(run_id, bool(stop)) for run_id, stop in rows]

    async def renew(self, runner: str, *, lease_until: float) -> Sequence[HeldRun]:
        values = {"of_runner": runner, "until": lease_until}
        rows = await self._database.write(lambda conn: _RENEW.all(conn, values), urgent=True)
        return [HeldRun(run_id, bool(stop)) for run_id, stop in rows]

    async def holders(self) -> Sequence[str]:
        rows = await self._database.read(lambda conn: _HOLDERS.all(conn, {}), urgent=True)
        return [name for (name,) in rows]

    async def left(self, *, now: float, runners: Sequence[str] = (), limit: int = 1000) -> Sequence[Run]:
        free = RUNS.c.lease_until <= now
        query = _either(
            select(RUNS).where(_AT_WORK, free | RUNS.c.runner.in_(runners) if runners else free),
            select(RUNS).where(_TO_STOP),
            limit=limit,
        )
        return await self._database.read(lambda conn: [RUN.model(row) for row in conn.execute(query)], urgent=True)


def _either(*queries: Select[tuple[object, ...]], limit: int) -> Select[tuple[object, ...]]:
    """The rows of all of them, oldest first."""
    found = union_all(*queries).subquery()
    return select(*found.c).order_by(found.c.created_at, found.c.id).limit(limit)
