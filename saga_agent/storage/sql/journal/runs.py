"""Runs: started with their turn, taken, kept, paused and ended; and the leases of those who hold them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection, Select, bindparam, literal, or_, select, text, union_all, update

from saga_agent.domain.journal import (
    END_STATES,
    EndState,
    HeldRun,
    Keep,
    Kept,
    NewTurn,
    ReasonCode,
    Run,
    RunState,
    Usage,
)
from saga_agent.domain.record import JsonObject
from saga_agent.domain.run_rules import ended, has_ended, may_end, paused, require_live, taken
from saga_agent.errors import NotFound
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.engine.paging import Pages, Wanted
from saga_agent.storage.sql.engine.rows import Shape, json_text
from saga_agent.storage.sql.engine.statements import Prepared, insert_or_replace
from saga_agent.storage.sql.journal.checkpoints import empty_runs, runs_to_empty
from saga_agent.storage.sql.journal.run_rows import (
    RUN,
    fenced_run,
    locked_run,
    locked_tree,
    locked_with_parent,
    set_state,
    supersede_requests,
    wake,
)
from saga_agent.storage.sql.journal.turns import TurnRows, start_turn
from saga_agent.storage.sql.tables.definitions import REQUESTS, RUNS, TOOL_CALLS, USAGE

# The first half is the condition of the index, word for word: SQLite does not see that the second one implies it.
_AT_WORK = text("state IN ('queued', 'running', 'waiting') AND state IN ('queued', 'running')")
_TO_STOP = text("state = 'waiting' AND stop_requested")
_MINE = (_AT_WORK, RUNS.c.runner == bindparam("of_runner"))
_HELD_COLUMNS = (RUNS.c.id, RUNS.c.stop_requested)
_HELD = Prepared(select(*_HELD_COLUMNS).where(*_MINE))
_RENEW_ALL = Prepared(update(RUNS).where(*_MINE).values(lease_until=bindparam("until")).returning(*_HELD_COLUMNS))
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
        rows = await self._database.write(lambda conn: _RENEW_ALL.all(conn, values), urgent=True)
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


_USAGE = Shape(Usage, USAGE)
_SPEND = Prepared(insert_or_replace(USAGE))
_LIST = Pages(list(RUNS.c), RUN.record, order=[RUNS.c.created_at, RUNS.c.id], newest_first=True)
_GET = Prepared(select(RUNS).where(RUNS.c.id == bindparam("run_id")))
_SPENT = Prepared(select(USAGE).where(USAGE.c.run_id == bindparam("run_id")).order_by(USAGE.c.step, USAGE.c.epoch))
_SETTLED = select(TOOL_CALLS.c.call_id).where(
    TOOL_CALLS.c.run_id == bindparam("run_id"), TOOL_CALLS.c.state == "finished"
)
_NEWS = Prepared(
    union_all(
        select(REQUESTS.c.id).where(
            REQUESTS.c.run_id == bindparam("run_id"),
            or_(REQUESTS.c.state == "answered", (REQUESTS.c.state == "expired") & REQUESTS.c.call_id.not_in(_SETTLED)),
        ),
        select(RUNS.c.id).where(
            RUNS.c.parent_run_id == bindparam("run_id"),
            RUNS.c.state.in_([literal(state) for state in END_STATES]),
            RUNS.c.parent_call_id.not_in(_SETTLED),
        ),
    ).limit(1)
)
"""A row if something that the run waits for has come: an answer, the end of a request's time, or of a child."""
_RENEW = Prepared(
    update(RUNS)
    .where(
        RUNS.c.id == bindparam("run_id"),
        RUNS.c.epoch == bindparam("of_epoch"),
        RUNS.c.state.in_([literal("queued"), literal("running")]),
    )
    .values(lease_until=bindparam("until"))
    .returning(*RUNS.c),
    returns=[column.key for column in RUNS.c],
)


class SqlRuns:
    """Turns being executed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def start(self, turn: NewTurn, *, now: float) -> Run:
        rows = TurnRows.of(turn)
        return await self._database.write(lambda conn: start_turn(conn, turn, rows, now=now))

    async def get(self, run_id: str) -> Run:
        return await self._database.read(lambda conn: _stored(conn, run_id))

    async def list(
        self,
        *,
        thread_id: str | None = None,
        owner_id: str | None = None,
        parent_run_id: str | None = None,
        states: Sequence[RunState] = (),
        limit: int = 100,
        project_id: str | None = None,
    ) -> Sequence[Run]:
        wanted = {"thread_id": thread_id, "owner_id": owner_id, "parent_run_id": parent_run_id}
        wanted |= {"project_id": project_id}
        where: dict[str, Wanted] = {name: value for name, value in wanted.items() if value is not None}
        if states:
            where["state"] = tuple(states)
        return await self._database.read(lambda conn: list(_LIST.read(conn, where, limit=limit).items))

    async def take(self, run_id: str, *, runner: str, lease_until: float, now: float) -> Run:
        def job(conn: Connection) -> Run:
            run = locked_run(conn, run_id)
            changes = taken(run, runner=runner, lease_until=lease_until, now=now)
            return set_state(conn, run, "running", changes)

        return await self._database.write(job)

    async def renew(self, run_id: str, *, epoch: int, lease_until: float) -> Run:
        values = {"run_id": run_id, "of_epoch": epoch, "until": lease_until}

        def job(conn: Connection) -> Run:
            row = _RENEW.record(conn, values)
            # One that is not at work has no lease; it is given as it stands.
            return RUN.record(row) if row is not None else fenced_run(conn, run_id, epoch)

        return await self._database.write(job)

    async def pause(self, run_id: str, *, epoch: int, parts: Sequence[JsonObject], usage: Sequence[Usage] = ()) -> Run:
        message, spent = {"parts": json_text(parts)}, _usage_rows(usage)

        def job(conn: Connection) -> Run:
            run = fenced_run(conn, run_id, epoch)
            require_live(run)
            _SPEND.many(conn, spent)
            state = "waiting" if _NEWS.first(conn, {"run_id": run_id}) is None else "queued"
            return set_state(conn, run, state, paused(), message=message)

        return await self._database.write(job)

    async def finish(
        self,
        run_id: str,
        *,
        epoch: int | None,
        state: EndState,
        parts: Sequence[JsonObject] | None,
        metadata: JsonObject,
        reason: str,
        usage: Sequence[Usage],
        now: float,
        reason_code: ReasonCode = "",
    ) -> Run:
        message = {"metadata": json_text(metadata)}
        if parts is not None:
            message["parts"] = json_text(parts)
        spent = _usage_rows(usage)
        changes = ended(reason=reason, reason_code=reason_code, now=now)

        def job(conn: Connection) -> Run:
            run, parent = locked_with_parent(conn, run_id)
            if not may_end(run, state, epoch=epoch, now=now):
                return run
            supersede_requests(conn, run_id)
            _SPEND.many(conn, spent)
            wake(conn, [parent])
            return set_state(conn, run, state, changes, message=message)

        return await self._database.write(job)

    async def request_stop(self, run_id: str) -> Run:
        def job(conn: Connection) -> Run:
            run, below = locked_tree(conn, run_id)
            live = [each.id for each in (run, *below) if not has_ended(each.state)]
            conn.execute(update(RUNS).where(RUNS.c.id.in_(live)).values(stop_requested=True))
            return run.model_copy(update={"stop_requested": True}) if run.id in live else run

        return await self._database.write(job)

    async def prune(
        self, *, keep: Keep = "last", what: Sequence[Kept] = ("checkpoints", "streams"), run_id: str | None = None
    ) -> int:
        if keep == "all" or not what:
            return 0
        kinds, of_run = frozenset(what), {"of_run": run_id} if run_id is not None else {}
        query = runs_to_empty(keep, kinds, of_one=run_id is not None)

        def find(conn: Connection) -> list[tuple[str, str]]:
            return [(str(row["id"]), str(row["stream_id"])) for row in query.records(conn, of_run)]

        count = 0
        # Nothing ever comes to an ended run, so what was found may be removed in a transaction of its own; most of the
        # time nothing is found, and a look costs less than a write.
        while found := await self._database.read(find):
            await self._database.write(partial(empty_runs, runs=found, what=kinds))
            count += len(found)
        return count

    async def usage(self, run_id: str) -> Sequence[Usage]:
        return await self._database.read(
            lambda conn: [_USAGE.record(row) for row in _SPENT.records(conn, {"run_id": run_id})]
        )


def _usage_rows(usage: Sequence[Usage]) -> list[dict[str, object]]:
    """The rows, the last of those of one step and epoch."""
    return [_USAGE.row(row) for row in {(row.step, row.epoch): row for row in usage}.values()]


def _stored(conn: Connection, run_id: str) -> Run:
    row = _GET.record(conn, {"run_id": run_id})
    if row is None:
        raise NotFound("run", run_id)
    return RUN.record(row)
