"""Checkpoints: bytes for the LangGraph saver, their channel values beside them by version; and what lets them go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Literal, TypeVar

from pydantic_core import from_json
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    TextClause,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    tuple_,
    union_all,
)

from saga_agent.domain.checkpoint import Blob, CheckpointRow, StoredCheckpoint, WriteRow
from saga_agent.domain.journal import END_STATES, Kept
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.engine.rows import json_text
from saga_agent.storage.sql.engine.statements import Prepared
from saga_agent.storage.sql.journal.run_rows import fenced_run
from saga_agent.storage.sql.tables.definitions import (
    CHECKPOINT_BLOBS,
    CHECKPOINT_WRITES,
    CHECKPOINTS,
    DELTAS,
    RUNS,
    STREAMS,
)

T = TypeVar("T")
# Both engines take tens of thousands of parameters; a plan for so many is slower than a few short ones.
_AT_ONCE = 400


def load(conn: Connection, query: Select[Any], channels: Sequence[str] | None = None) -> list[StoredCheckpoint]:
    """The checkpoints that a query of `saga_checkpoints` finds, in its order, with what belongs to them.

    With `channels`, only these channels' values and writes.
    """
    rows = [_checkpoint(row) for row in conn.execute(query)]
    places: dict[tuple[str, str], list[CheckpointRow]] = defaultdict(list)
    for row in rows:
        places[row.thread_id, row.ns].append(row)
    loaded: dict[tuple[str, str, str], StoredCheckpoint] = {}
    for (thread_id, ns), group in places.items():
        wanted = {row.id: _wanted(row, channels) for row in group}
        blobs = _blobs(conn, thread_id, ns, {pair for pairs in wanted.values() for pair in pairs.items()})
        writes = _writes(conn, thread_id, ns, list(wanted), channels)
        for row in group:
            values = {pair[0]: blobs[pair] for pair in wanted[row.id].items() if pair in blobs}
            loaded[thread_id, ns, row.id] = StoredCheckpoint(row=row, values=values, writes=writes[row.id])
    return [loaded[row.thread_id, row.ns, row.id] for row in rows]


def ancestry(
    conn: Connection, thread_id: str, ns: str, checkpoint_id: str, channels: Sequence[str]
) -> list[StoredCheckpoint]:
    """The checkpoint's ancestors, nearest first, with only these channels' values and writes."""
    place = and_(CHECKPOINTS.c.thread_id == thread_id, CHECKPOINTS.c.ns == ns)
    line = select(CHECKPOINTS.c.id, CHECKPOINTS.c.parent_id).where(place, CHECKPOINTS.c.id == checkpoint_id)
    line = line.cte("line", recursive=True)
    parents = select(CHECKPOINTS.c.id, CHECKPOINTS.c.parent_id).where(place, CHECKPOINTS.c.id == line.c.parent_id)
    # UNION drops what it has seen, so that a circle of parents ends.
    line = line.union(parents)
    parent_of = {row.id: row.parent_id for row in conn.execute(select(line))}
    found = {
        stored.row.id: stored
        for ids in _batches([key for key in parent_of if key != checkpoint_id])
        for stored in load(conn, select(CHECKPOINTS).where(place, CHECKPOINTS.c.id.in_(ids)), channels)
    }
    ancestors: list[StoredCheckpoint] = []
    key = parent_of.get(checkpoint_id)
    while key in found:
        ancestors.append(found.pop(key))
        key = parent_of[key]
    return ancestors


def _wanted(row: CheckpointRow, channels: Sequence[str] | None) -> Mapping[str, str]:
    if channels is None:
        return row.versions
    return {channel: row.versions[channel] for channel in channels if channel in row.versions}


def _blobs(conn: Connection, thread_id: str, ns: str, wanted: set[tuple[str, str]]) -> Mapping[tuple[str, str], Blob]:
    table = CHECKPOINT_BLOBS
    found: dict[tuple[str, str], Blob] = {}
    for pairs in _batches(sorted(wanted)):
        query = select(table.c.channel, table.c.version, table.c.type, table.c.data).where(
            table.c.thread_id == thread_id, table.c.ns == ns, tuple_(table.c.channel, table.c.version).in_(pairs)
        )
        for channel, version, kind, data in conn.execute(query):
            found[channel, version] = Blob(kind, bytes(data))
    return found


def _writes(
    conn: Connection, thread_id: str, ns: str, checkpoint_ids: Sequence[str], channels: Sequence[str] | None
) -> Mapping[str, tuple[WriteRow, ...]]:
    table = CHECKPOINT_WRITES
    found: dict[str, list[WriteRow]] = {key: [] for key in checkpoint_ids}
    for ids in _batches(checkpoint_ids):
        query = select(table).where(table.c.thread_id == thread_id, table.c.ns == ns, table.c.checkpoint_id.in_(ids))
        if channels is not None:
            query = query.where(table.c.channel.in_(channels))
        for row in conn.execute(query.order_by(table.c.task_path, table.c.task_id, table.c.idx)):
            found[row.checkpoint_id].append(_write(row))
    return {key: tuple(writes) for key, writes in found.items()}


def _checkpoint(row: Row[Any]) -> CheckpointRow:
    return CheckpointRow(
        thread_id=row.thread_id,
        ns=row.ns,
        id=row.id,
        parent_id=row.parent_id,
        run_id=row.run_id,
        checkpoint=Blob(row.type, bytes(row.data)),
        metadata=row.metadata,
        versions=from_json(row.versions),
    )


def _write(row: Row[Any]) -> WriteRow:
    value = Blob(row.type, bytes(row.data))
    return WriteRow(task_id=row.task_id, task_path=row.task_path, idx=row.idx, channel=row.channel, value=value)


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]


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


_RUNS_AT_ONCE = 500
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
    return Prepared(select(runs.c.id, runs.c.stream_id).where(or_(*held)).limit(_RUNS_AT_ONCE))


def empty_runs(conn: Connection, runs: Sequence[tuple[str, str]], what: frozenset[Kept]) -> None:
    """Removes what these runs, given as (id, stream_id), have left."""
    if "streams" in what:
        keys = select(STREAMS.c.key).where(STREAMS.c.id.in_([stream_id for _, stream_id in runs]))
        conn.execute(delete(DELTAS).where(DELTAS.c.stream_key.in_(keys)))
    if "checkpoints" in what:
        for table in (CHECKPOINTS, CHECKPOINT_WRITES, CHECKPOINT_BLOBS):
            conn.execute(delete(table).where(table.c.thread_id.in_([run_id for run_id, _ in runs])))


def _put(table: Table, *, replace: bool = True, copy: bool = False) -> TextClause:
    """An insert that replaces, or keeps, rows of the same key; with `copy`, of all rows of another thread.

    Written as text: both engines read the same upsert, while SQLAlchemy has one construct for each.
    """
    names = [column.key for column in table.columns]
    key = [column.key for column in table.primary_key]
    source = f"VALUES ({', '.join(f':{name}' for name in names)})"
    if copy:
        source = f"SELECT :target, {', '.join(names[1:])} FROM {table.name} WHERE thread_id = :source"
    change = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key)
    action = f"DO UPDATE SET {change}" if replace else "DO NOTHING"
    return text(f"INSERT INTO {table.name} ({', '.join(names)}) {source} ON CONFLICT ({', '.join(key)}) {action}")


_PUT_CHECKPOINT = Prepared(_put(CHECKPOINTS))
_PUT_BLOB = Prepared(_put(CHECKPOINT_BLOBS))
_PUT_WRITE = Prepared(_put(CHECKPOINT_WRITES))
_KEEP_WRITE = Prepared(_put(CHECKPOINT_WRITES, replace=False))
_COPY = [_put(table, copy=True) for table in (CHECKPOINTS, CHECKPOINT_BLOBS, CHECKPOINT_WRITES)]


class SqlCheckpoints:
    """Bytes for the LangGraph saver."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, row: CheckpointRow, values: Mapping[str, Blob], *, fence: tuple[str, int] | None) -> None:
        place = {"thread_id": row.thread_id, "ns": row.ns}
        checkpoint = {
            **place,
            "id": row.id,
            "parent_id": row.parent_id,
            "run_id": row.run_id,
            "type": row.checkpoint.type,
            "metadata": row.metadata,
            "versions": json_text(dict(row.versions)),
            "data": row.checkpoint.data,
        }
        blobs = [
            {**place, "channel": channel, "version": row.versions[channel], "type": blob.type, "data": blob.data}
            for channel, blob in values.items()
        ]

        def job(conn: Connection) -> None:
            _check(conn, fence)
            _PUT_CHECKPOINT.do(conn, checkpoint)
            _PUT_BLOB.many(conn, blobs)

        await self._database.write(job)

    async def put_writes(
        self, thread_id: str, ns: str, checkpoint_id: str, writes: Sequence[WriteRow], *, fence: tuple[str, int] | None
    ) -> None:
        place = {"thread_id": thread_id, "ns": ns, "checkpoint_id": checkpoint_id}
        replacing = [{**place, **_values(write)} for write in writes if write.idx < 0]
        keeping = [{**place, **_values(write)} for write in writes if write.idx >= 0]

        def job(conn: Connection) -> None:
            _check(conn, fence)
            _PUT_WRITE.many(conn, replacing)
            _KEEP_WRITE.many(conn, keeping)

        await self._database.write(job)

    async def get(self, thread_id: str, ns: str, checkpoint_id: str | None = None) -> StoredCheckpoint | None:
        query = select(CHECKPOINTS).where(CHECKPOINTS.c.thread_id == thread_id, CHECKPOINTS.c.ns == ns)
        if checkpoint_id is not None:
            query = query.where(CHECKPOINTS.c.id == checkpoint_id)
        newest = query.order_by(CHECKPOINTS.c.id.desc()).limit(1)
        found = await self._database.read(lambda conn: load(conn, newest))
        return found[0] if found else None

    async def list(
        self, thread_id: str | None, *, ns: str | None = None, before: str | None = None, limit: int | None = None
    ) -> Sequence[StoredCheckpoint]:
        query = select(CHECKPOINTS)
        if thread_id is not None:
            query = query.where(CHECKPOINTS.c.thread_id == thread_id)
        if ns is not None:
            query = query.where(CHECKPOINTS.c.ns == ns)
        if before is not None:
            query = query.where(CHECKPOINTS.c.id < before)
        newest = query.order_by(CHECKPOINTS.c.id.desc()).limit(limit)
        return await self._database.read(lambda conn: load(conn, newest))

    async def history(
        self, thread_id: str, ns: str, checkpoint_id: str, channels: Sequence[str]
    ) -> Sequence[StoredCheckpoint]:
        return await self._database.read(lambda conn: ancestry(conn, thread_id, ns, checkpoint_id, channels))

    async def delete(
        self,
        *,
        thread_ids: Sequence[str] = (),
        run_ids: Sequence[str] = (),
        checkpoints: Sequence[tuple[str, str, str]] = (),
    ) -> None:
        await self._database.write(
            lambda conn: delete_checkpoints(conn, thread_ids=thread_ids, run_ids=run_ids, checkpoints=checkpoints)
        )

    async def copy(self, source_thread_id: str, target_thread_id: str) -> None:
        def job(conn: Connection) -> None:
            for statement in _COPY:
                conn.execute(statement, {"source": source_thread_id, "target": target_thread_id})

        await self._database.write(job)


def _check(conn: Connection, fence: tuple[str, int] | None) -> None:
    if fence is not None:
        fenced_run(conn, fence[0], fence[1])


def _values(write: WriteRow) -> dict[str, object]:
    return {
        "task_id": write.task_id,
        "task_path": write.task_path,
        "idx": write.idx,
        "channel": write.channel,
        "type": write.value.type,
        "data": write.value.data,
    }
