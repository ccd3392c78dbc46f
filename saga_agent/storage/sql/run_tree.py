"""A run, the run whose call it serves, and the runs that serve its calls: locked together, woken, found.

Runs are locked in the order of their ids, so that transactions on one tree queue up instead of blocking each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, bindparam, or_, select

from saga_agent.domain.journal import Run
from saga_agent.errors import NotFound
from saga_agent.storage.sql.fence import RUN, set_state
from saga_agent.storage.sql.prepared import Prepared
from saga_agent.storage.sql.tables import RUNS

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
