"""Checkpoints: rows, channel values by version, and pending writes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from saga_agent.domain.checkpoint import Blob, CheckpointRow, StoredCheckpoint, WriteRow
from saga_agent.storage.memory.tables import CheckpointKey, Tables


class MemoryCheckpoints:
    """Bytes for the LangGraph saver."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def put(self, row: CheckpointRow, values: Mapping[str, Blob], *, fence: tuple[str, int] | None) -> None:
        self._check(fence)
        self._tables.checkpoints[row.thread_id, row.ns, row.id] = replace(row, versions=dict(row.versions))
        for channel, blob in values.items():
            self._tables.blobs[row.thread_id, row.ns, channel, row.versions[channel]] = blob

    async def put_writes(
        self, thread_id: str, ns: str, checkpoint_id: str, writes: Sequence[WriteRow], *, fence: tuple[str, int] | None
    ) -> None:
        self._check(fence)
        stored = self._tables.writes.setdefault((thread_id, ns, checkpoint_id), {})
        for write in writes:
            if write.idx < 0 or (write.task_id, write.idx) not in stored:
                stored[write.task_id, write.idx] = write

    async def get(self, thread_id: str, ns: str, checkpoint_id: str | None = None) -> StoredCheckpoint | None:
        if checkpoint_id is not None:
            row = self._tables.checkpoints.get((thread_id, ns, checkpoint_id))
        else:
            rows = (row for row in self._tables.checkpoints.values() if (row.thread_id, row.ns) == (thread_id, ns))
            row = max(rows, key=lambda row: row.id, default=None)
        return None if row is None else self._loaded(row)

    async def list(
        self, thread_id: str | None, *, ns: str | None = None, before: str | None = None, limit: int | None = None
    ) -> Sequence[StoredCheckpoint]:
        found = [
            row
            for row in self._tables.checkpoints.values()
            if thread_id in (None, row.thread_id) and ns in (None, row.ns) and (before is None or row.id < before)
        ]
        found.sort(key=lambda row: row.id, reverse=True)
        return [self._loaded(row) for row in found[:limit]]

    async def history(
        self, thread_id: str, ns: str, checkpoint_id: str, channels: Sequence[str]
    ) -> Sequence[StoredCheckpoint]:
        return [self._loaded(row, channels) for row in self._ancestors((thread_id, ns, checkpoint_id))]

    async def delete(
        self,
        *,
        thread_ids: Sequence[str] = (),
        run_ids: Sequence[str] = (),
        checkpoints: Sequence[tuple[str, str, str]] = (),
    ) -> None:
        tables = self._tables
        gone = {key for key, row in tables.checkpoints.items() if row.run_id is not None and row.run_id in run_ids}
        gone |= set(checkpoints)
        gone |= {key for key in [*tables.checkpoints, *tables.writes] if key[0] in thread_ids}
        for key in gone:
            tables.checkpoints.pop(key, None)
            tables.writes.pop(key, None)
        used = {
            (row.thread_id, row.ns, channel, version)
            for row in tables.checkpoints.values()
            for channel, version in row.versions.items()
        }
        for key in [key for key in tables.blobs if key not in used]:
            del tables.blobs[key]

    async def copy(self, source_thread_id: str, target_thread_id: str) -> None:
        tables, target = self._tables, target_thread_id
        for key, row in [(key, row) for key, row in tables.checkpoints.items() if key[0] == source_thread_id]:
            tables.checkpoints[target, *key[1:]] = replace(row, thread_id=target)
        for key, blob in [(key, blob) for key, blob in tables.blobs.items() if key[0] == source_thread_id]:
            tables.blobs[target, *key[1:]] = blob
        for key, writes in [(key, writes) for key, writes in tables.writes.items() if key[0] == source_thread_id]:
            tables.writes[target, *key[1:]] = dict(writes)

    def _check(self, fence: tuple[str, int] | None) -> None:
        if fence is not None:
            self._tables.fenced(fence[0], fence[1])

    def _ancestors(self, key: CheckpointKey) -> Iterator[CheckpointRow]:
        row = self._tables.checkpoints.get(key)
        while row is not None and row.parent_id is not None:
            row = self._tables.checkpoints.get((key[0], key[1], row.parent_id))
            if row is not None:
                yield row

    def _loaded(self, row: CheckpointRow, channels: Collection[str] | None = None) -> StoredCheckpoint:
        values: dict[str, Blob] = {}
        for channel, version in row.versions.items():
            blob = self._tables.blobs.get((row.thread_id, row.ns, channel, version))
            if blob is not None and (channels is None or channel in channels):
                values[channel] = blob
        writes = self._tables.writes.get((row.thread_id, row.ns, row.id), {}).values()
        kept = [write for write in writes if channels is None or write.channel in channels]
        kept.sort(key=lambda write: (write.task_path, write.task_id, write.idx))
        return StoredCheckpoint(row=replace(row, versions=dict(row.versions)), values=values, writes=tuple(kept))
