"""The run's row as the fence around all that its runner writes, and the tree of runs it belongs to.

Runs are locked in the order of their ids, so that transactions on one tree queue up instead of blocking each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from types import MappingProxyType

from sqlalchemy import ColumnElement, Connection, Table, bindparam, or_, select, update

from saga_agent.domain.journal import Run, RunState
from saga_agent.domain.run_rules import require_epoch
from saga_agent.errors import NotFound
from saga_agent.storage.sql.engine.news import touch
from saga_agent.storage.sql.engine.rows import Shape
from saga_agent.storage.sql.engine.statements import Prepared
from saga_agent.storage.sql.tables.definitions import MESSAGES, REQUESTS, RUNS, STREAMS

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
    require_epoch(run, epoch)
    return run


def set_state(
    conn: Connection,
    run: Run,
    state: RunState,
    changes: Mapping[str, object] = MappingProxyType({}),
    *,
    message: Mapping[str, object] | None = None,
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


_CHILD = RUNS.alias("child")
_TOP = select(RUNS.c.id).where(RUNS.c.id == bindparam("run_id")).cte("below", recursive=True)
_BELOW = _TOP.union_all(select(_CHILD.c.id).where(_CHILD.c.parent_run_id == _TOP.c.id))
_LOCKED_TREE = Prepared(select(RUNS).where(RUNS.c.id.in_(select(_BELOW.c.id))).order_by(RUNS.c.id).with_for_update())
_PARENT = select(_CHILD.c.parent_run_id).where(_CHILD.c.id == bindparam("run_id")).scalar_subquery()
_LOCKED_WITH_PARENT = Prepared(
    select(RUNS)
    .where(or_(RUNS.c.id == bindparam("run_id"), RUNS.c.id == _PARENT))
    .order_by(RUNS.c.id)
    .with_for_update()
)


def locked_runs(conn: Connection, condition: ColumnElement[bool]) -> list[Run]:
    """The runs that match, which nobody else changes until this transaction ends."""
    query = select(RUNS).where(condition).order_by(RUNS.c.id).with_for_update()
    return [RUN.model(row) for row in conn.execute(query)]


def locked_tree(conn: Connection, run_id: str) -> tuple[Run, Sequence[Run]]:
    """The run and all its descendants, locked; `NotFound`."""
    runs = {run.id: run for run in map(RUN.record, _LOCKED_TREE.records(conn, {"run_id": run_id}))}
    run = _required(runs.pop(run_id, None), run_id)
    return run, list(runs.values())


def locked_with_parent(conn: Connection, run_id: str) -> tuple[Run, Run | None]:
    """The run and the one whose call it serves, locked; `NotFound`."""
    runs = {run.id: run for run in map(RUN.record, _LOCKED_WITH_PARENT.records(conn, {"run_id": run_id}))}
    run = _required(runs.get(run_id), run_id)
    return run, runs.get(run.parent_run_id) if run.parent_run_id is not None else None


def wake(conn: Connection, runs: Iterable[Run | None]) -> list[str]:
    """Queues those of the locked runs that wait, and gives their ids."""
    waiting = [run for run in runs if run is not None and run.state == "waiting"]
    for run in waiting:
        set_state(conn, run, "queued")
    return [run.id for run in waiting]


def _required(run: Run | None, run_id: str) -> Run:
    if run is None:
        raise NotFound("run", run_id)
    return run
