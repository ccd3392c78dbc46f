"""The run's row as the fence around everything its runner writes, and the states that move together."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sqlalchemy import Connection, Table, bindparam, select, update

from saga_agent.domain.journal import END_STATES, Run, RunState
from saga_agent.errors import NotFound, RunFailed, StaleEpoch
from saga_agent.storage.sql.news import touch
from saga_agent.storage.sql.prepared import Prepared
from saga_agent.storage.sql.rows import Shape
from saga_agent.storage.sql.tables import MESSAGES, REQUESTS, RUNS, STREAMS

RUN = Shape(Run, RUNS)
_LOCKED = Prepared(select(RUNS).where(RUNS.c.id == bindparam("run_id")).with_for_update())
_SUPERSEDE = Prepared(
    update(REQUESTS)
    .where(REQUESTS.c.run_id == bindparam("of_run"), REQUESTS.c.state == "pending")
    .values(state="superseded")
)


def locked_run(conn: Connection, run_id: str) -> Run:
    """The run, which nobody else changes until this transaction ends; `NotFound`."""
    row = _LOCKED.record(conn, {"run_id": run_id})
    if row is None:
        raise NotFound("run", run_id)
    return RUN.record(row)


def fenced_run(conn: Connection, run_id: str, epoch: int) -> Run:
    """The locked run, if that is its epoch; `NotFound`, `StaleEpoch`."""
    run = locked_run(conn, run_id)
    if run.epoch != epoch:
        raise StaleEpoch(run_id, epoch=epoch, current=run.epoch)
    return run


def has_ended(state: RunState) -> bool:
    """Whether nothing more can happen to a run or stream in that state."""
    return state in END_STATES


def is_held(run: Run, *, now: float) -> bool:
    """Whether somebody holds the run, which is queued or running, at that time."""
    return run.state in ("queued", "running") and run.lease_until > now


def refuse_ended(run: Run) -> None:
    """Raises `RunFailed` when the run has ended."""
    if has_ended(run.state):
        raise RunFailed(run.id, run.state, run.reason)


def set_state(
    conn: Connection, run: Run, state: RunState, *, message: Mapping[str, object] | None = None, **changes: object
) -> Run:
    """Puts run, message and stream into that state together, with further changes to the run and the message."""
    changed = run.model_copy(update={"state": state, **changes})
    for table, key, values in (
        (RUNS, run.id, {"state": state, **changes}),
        (MESSAGES, run.message_id, {"state": state, **(message or {})}),
        (STREAMS, run.stream_id, {"state": state, "epoch": changed.epoch}),
    ):
        _change(table, tuple(values)).do(conn, {"of_id": key, **values})
    touch(conn, run.stream_id)
    return changed


def supersede_requests(conn: Connection, run_id: str) -> None:
    """Closes what is still asked of the writer by that run."""
    _SUPERSEDE.do(conn, {"of_run": run_id})


@cache
def _change(table: Table, columns: tuple[str, ...]) -> Prepared:
    """Sets these columns of the row with the id `of_id`."""
    return Prepared(
        update(table).where(table.c.id == bindparam("of_id")).values({name: bindparam(name) for name in columns})
    )
