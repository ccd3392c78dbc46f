"""Reading checkpoints: rows first, then all their channel values and pending writes, a few hundred at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic_core import from_json
from sqlalchemy import Connection, Row, Select, and_, select, tuple_

from saga_agent.domain.checkpoint import Blob, CheckpointRow, StoredCheckpoint, WriteRow
from saga_agent.storage.sql.tables import CHECKPOINT_BLOBS, CHECKPOINT_WRITES, CHECKPOINTS

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


def history(
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
