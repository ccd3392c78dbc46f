"""Checkpoints that may wait a moment: of those that follow each other while nothing depends on them, one is stored.

A commit costs far more than what it carries. Between two points at which a crash could do harm, a graph's progress is
kept here and stored after `wait_seconds` at the latest; a checkpoint that a newer one overtakes meanwhile is never
stored, nor are the writes that led from one to the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from saga_agent.domain.checkpoint import Blob, CheckpointRow, WriteRow
from saga_agent.storage.patience import insist
from saga_agent.storage.ports.journal import Checkpoints

Fence = tuple[str, int]
WAIT_SECONDS = 0.1
"""How long a checkpoint waits for one that overtakes it."""


class Backlog:
    """What of one thread's root namespace is not stored yet."""

    def __init__(
        self, checkpoints: Checkpoints, thread_id: str, *, is_new: bool, wait_seconds: float = WAIT_SECONDS
    ) -> None:
        self.is_new = is_new
        """Whether the thread had no checkpoint before, and has had none since."""
        self._checkpoints, self._thread_id = checkpoints, thread_id
        self._wait_seconds = wait_seconds
        self._row: CheckpointRow | None = None
        self._values: dict[str, Blob] = {}
        self._writes: dict[str, list[WriteRow]] = {}
        self._fence: Fence | None = None
        self._lock = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._error: Exception | None = None

    async def put(self, row: CheckpointRow, values: Mapping[str, Blob], *, fence: Fence | None, at_once: bool) -> None:
        """Takes a checkpoint in place of the one that waits; with `at_once`, returns when it is durable.

        Raises: what kept an earlier one from being stored.
        """
        self.is_new = False
        if self._row is not None:
            kept = {name: blob for name, blob in self._values.items() if self._is_current(name, row)}
            row, values = replace(row, parent_id=self._row.parent_id), {**kept, **values}
            self._writes.pop(self._row.id, None)
        elif row.parent_id is not None:
            self._writes.pop(row.parent_id, None)
        self._row, self._values = row, dict(values)
        await self._taken(fence, at_once=at_once)

    async def put_writes(
        self, checkpoint_id: str, writes: Sequence[WriteRow], *, fence: Fence | None, at_once: bool
    ) -> None:
        """Takes writes; a checkpoint that follows theirs makes them superfluous. Otherwise like `put`."""
        self._writes.setdefault(checkpoint_id, []).extend(writes)
        await self._taken(fence, at_once=at_once)

    async def store(self) -> None:
        """Returns when all that waits is durable."""
        async with self._lock:
            if self._error is not None:
                raise self._error
            self._stop_timer()
            row, values, self._row, self._values = self._row, self._values, None, {}
            waiting, self._writes = self._writes, {}
            try:
                if row is not None:
                    await insist(lambda: self._checkpoints.put(row, values, fence=self._fence))
                for checkpoint_id, writes in waiting.items():
                    await self._store_writes(checkpoint_id, writes)
            except Exception as error:  # what comes after would hang in the air
                self._error = error
                raise

    async def _taken(self, fence: Fence | None, *, at_once: bool) -> None:
        self._fence = fence
        if self._error is not None:
            raise self._error
        if at_once:
            await self.store()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._wait_seconds, self._store_later)

    async def _store_writes(self, checkpoint_id: str, writes: Sequence[WriteRow]) -> None:
        await insist(
            lambda: self._checkpoints.put_writes(self._thread_id, "", checkpoint_id, writes, fence=self._fence)
        )

    def _is_current(self, channel: str, row: CheckpointRow) -> bool:
        return self._row is not None and self._row.versions[channel] == row.versions.get(channel)

    def _store_later(self) -> None:
        self._timer = None
        self._task = asyncio.create_task(self.store())
        self._task.add_done_callback(_look)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _look(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        task.exception()  # kept by the backlog, which raises it at the next word
