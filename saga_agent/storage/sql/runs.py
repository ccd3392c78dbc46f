"""Runs: started with their turn, taken, kept, paused and ended."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection, bindparam, literal, or_, select, union_all, update

from saga_agent.domain.journal import END_STATES, EndState, Keep, Kept, NewTurn, ReasonCode, Run, RunState, Usage
from saga_agent.domain.record import JsonObject
from saga_agent.errors import NotFound, RunBusy, RunFailed, StaleEpoch
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.fence import (
    RUN,
    fenced_run,
    has_ended,
    is_held,
    locked_run,
    refuse_ended,
    set_state,
    supersede_requests,
)
from saga_agent.storage.sql.paging import Pages, Wanted
from saga_agent.storage.sql.prepared import Prepared
from saga_agent.storage.sql.pruning import empty_runs, runs_to_empty
from saga_agent.storage.sql.rows import Shape, json_text
from saga_agent.storage.sql.run_tree import locked_tree, locked_with_parent, wake
from saga_agent.storage.sql.tables import REQUESTS, RUNS, TOOL_CALLS, USAGE
from saga_agent.storage.sql.turns import TurnRows, start_turn
from saga_agent.storage.sql.upserts import insert_or_replace

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
            refuse_ended(run)
            if is_held(run, now=now) and not (run.state == "queued" and run.runner == runner):
                raise RunBusy(run.thread_id, run_id)
            epoch, attempts = run.epoch + 1, run.attempts + 1
            return set_state(
                conn, run, "running", epoch=epoch, attempts=attempts, runner=runner, lease_until=lease_until
            )

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
            refuse_ended(run)
            _SPEND.many(conn, spent)
            state = "waiting" if _NEWS.first(conn, {"run_id": run_id}) is None else "queued"
            return set_state(conn, run, state, message=message, runner=None, lease_until=0.0, attempts=0)

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
        end = {"reason": reason, "reason_code": reason_code, "ended_at": now, "runner": None, "lease_until": 0.0}

        def job(conn: Connection) -> Run:
            run, parent = locked_with_parent(conn, run_id)
            if not _may_end(run, epoch, state, now):
                return run
            supersede_requests(conn, run_id)
            _SPEND.many(conn, spent)
            wake(conn, [parent])
            return set_state(conn, run, state, message=message, **end)

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


def _may_end(run: Run, epoch: int | None, state: EndState, now: float) -> bool:
    """Whether the run may be put into that end state; False if it is in it. Raises what forbids it."""
    if epoch is not None and epoch != run.epoch:
        raise StaleEpoch(run.id, epoch=epoch, current=run.epoch)
    if run.state == state:
        return False
    if has_ended(run.state):
        raise RunFailed(run.id, run.state, run.reason)
    if epoch is None and is_held(run, now=now):
        raise RunBusy(run.thread_id, run.id)
    return True
