"""Letting go of what ended runs have left: the rows of their streams, the checkpoints under their ids."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)

from saga_agent.domain.journal import END_STATES, Kept
from saga_agent.storage.sql.prepared import Prepared
from saga_agent.storage.sql.tables import CHECKPOINT_BLOBS, CHECKPOINT_WRITES, CHECKPOINTS, DELTAS, RUNS, STREAMS

_AT_ONCE = 500
"""How many runs are emptied in one transaction."""
_ROOT, _LATER, _BELOW, _ASKED = RUNS.alias("root"), RUNS.alias("later"), RUNS.alias("below"), RUNS.alias("asked")
_ENDED = [literal(state) for state in END_STATES]


@cache
def runs_to_empty(keep: Literal["none", "last"], what: frozenset[Kept], *, of_one: bool) -> Prepared:
    """Some of the runs to let go of that still hold something, as (id, stream_id).

    With `of_one` those of the tree of the run `of_run`, and of the trees in the same thread.
    """
    rooted: list[ColumnElement[bool]] = [_ROOT.c.root_run_id.is_(None), _ROOT.c.state.in_(_ENDED)]
    if keep == "last":
        place = tuple_(_LATER.c.created_at, _LATER.c.id) > tuple_(_ROOT.c.created_at, _ROOT.c.id)
        of_thread = (_LATER.c.thread_id == _ROOT.c.thread_id, _LATER.c.root_run_id.is_(None))
        rooted.append(exists(select(_LATER.c.id).where(*of_thread, place)))
    if of_one:
        root_id = select(func.coalesce(RUNS.c.root_run_id, RUNS.c.id)).where(RUNS.c.id == bindparam("of_run"))
        thread_id = select(_ASKED.c.thread_id).where(_ASKED.c.id == root_id.scalar_subquery())
        rooted.append(_ROOT.c.thread_id == thread_id.scalar_subquery())
    below = select(_BELOW.c.id, _BELOW.c.stream_id).join(_ROOT, _BELOW.c.root_run_id == _ROOT.c.id)
    runs = union_all(
        select(_ROOT.c.id, _ROOT.c.stream_id).where(*rooted), below.where(*rooted, _BELOW.c.state.in_(_ENDED))
    ).subquery("runs")
    held: list[ColumnElement[bool]] = []
    if "streams" in what:
        rows = select(DELTAS.c.seq).join(STREAMS, STREAMS.c.key == DELTAS.c.stream_key)
        held.append(exists(rows.where(STREAMS.c.id == runs.c.stream_id)))
    if "checkpoints" in what:
        held += [
            exists(select(table.c.thread_id).where(table.c.thread_id == runs.c.id))
            for table in (CHECKPOINTS, CHECKPOINT_WRITES)
        ]
    return Prepared(select(runs.c.id, runs.c.stream_id).where(or_(*held)).limit(_AT_ONCE))


def empty_runs(conn: Connection, runs: Sequence[tuple[str, str]], what: frozenset[Kept]) -> None:
    """Removes what these runs, given as (id, stream_id), have left."""
    if "streams" in what:
        keys = select(STREAMS.c.key).where(STREAMS.c.id.in_([stream_id for _, stream_id in runs]))
        conn.execute(delete(DELTAS).where(DELTAS.c.stream_key.in_(keys)))
    if "checkpoints" in what:
        for table in (CHECKPOINTS, CHECKPOINT_WRITES, CHECKPOINT_BLOBS):
            conn.execute(delete(table).where(table.c.thread_id.in_([run_id for run_id, _ in runs])))
