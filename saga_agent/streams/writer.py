"""Writing a message as it grows: chunks in, few durable rows out.

Chunks are seen by readers of this process at once, and are appended to the log in batches: after `flush_seconds` at
the latest, at once at tool, step and end boundaries, and earlier when a batch grows large. A failed append is tried
again with the same rows, which the log takes as success if they had arrived; meanwhile whoever fills the next batch
has to wait.
"""

from __future__ import annotations

import asyncio
from typing import Final

from saga_agent.domain import chunks as c
from saga_agent.storage.patience import insist
from saga_agent.storage.ports.journal import Streams
from saga_agent.streams.hub import StreamHub
from saga_agent.streams.merge import merge_chunks

_DELTAS: Final = (c.TextDelta, c.ReasoningDelta, c.ToolInputDelta)
_QUIET: Final = (
    *_DELTAS,
    c.TextStart,
    c.TextEnd,
    c.ReasoningStart,
    c.ReasoningEnd,
    c.Start,
    c.FinishStep,  # a boundary comes right behind them
)


class StreamWriter:
    """Appends the chunks of one stream under one epoch."""

    def __init__(
        self,
        streams: Streams,
        hub: StreamHub,
        *,
        stream_id: str,
        epoch: int,
        last_seq: int,
        flush_seconds: float = 0.1,
        max_batch: int = 512,
        max_bytes: int = 64 * 1024,
    ) -> None:
        self.last_seq = last_seq
        """The last row that is durable."""
        self._streams, self._stream_id, self._epoch = streams, stream_id, epoch
        self._flush_seconds, self._max_batch, self._max_bytes = flush_seconds, max_batch, max_bytes
        self._hub = hub
        self._feed = hub.open(stream_id).begin(last_seq)
        self._pending: list[c.Chunk] = []
        self._pending_bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._drain: asyncio.Task[None] | None = None
        self._error: Exception | None = None

    async def write(self, chunk: c.Chunk) -> None:
        """Takes a chunk; returns at once inside a batch, after the flush at a boundary or when the batch is full.

        The start of a call is flushed at once too, but not waited for: nothing is done on the strength of it.

        Raises: what made an earlier flush fail for good (`StaleEpoch`, `StorageError`).
        """
        if self._error is not None:
            raise self._error
        self._pending.append(chunk)
        self._feed.publish(chunk)
        if isinstance(chunk, c.ToolInputStart):
            self._start_drain()
            return
        if not isinstance(chunk, _QUIET):
            await self.flush()
            return
        if isinstance(chunk, _DELTAS):
            self._pending_bytes += _size(chunk.input_text_delta if isinstance(chunk, c.ToolInputDelta) else chunk.delta)
        if len(self._pending) >= self._max_batch or self._pending_bytes >= self._max_bytes:
            await self.flush()
        else:
            self._set_timer()

    async def flush(self) -> None:
        """Returns when all that was written is durable."""
        while self._error is None and (self._pending or self._drain is not None):
            # The append goes on when the caller is cancelled: what readers saw is not lost, and seqs stay right.
            await asyncio.shield(self._start_drain())
        if self._error is not None:
            raise self._error

    def give_up(self, error: Exception) -> None:
        """Takes nothing more; every later write raises that error, and readers are told from the log alone."""
        self._error = self._error or error
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._feed.close()

    def _set_timer(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._flush_seconds, self._start_drain)

    def _start_drain(self) -> asyncio.Task[None]:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._drain is None:
            self._drain = asyncio.create_task(self._drain_once())
        return self._drain

    async def _drain_once(self) -> None:
        batch, self._pending, self._pending_bytes = self._pending, [], 0
        try:
            rows = [chunk.to_json() for chunk in merge_chunks(batch)]
            if rows:
                await insist(lambda: self._append(rows))
                self.last_seq += len(rows)
                self._feed.flushed(self.last_seq, len(batch))
                self._hub.wake(self._stream_id)
        except Exception as error:  # whatever it was, the next write must not leave a hole where these rows belong
            self.give_up(error)
        finally:
            self._drain = None
        if self._pending and self._error is None:
            self._set_timer()  # the timer may have run out while this batch was under way

    async def _append(self, rows: list[str]) -> None:
        await self._streams.append(self._stream_id, epoch=self._epoch, first_seq=self.last_seq + 1, chunks=rows)


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode(errors="replace"))
