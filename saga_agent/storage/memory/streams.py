"""Streams: the delta log of one message."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from saga_agent.domain.journal import Delta, Stream
from saga_agent.domain.run_rules import has_ended
from saga_agent.errors import InvalidInput, NotFound, RunFailed, SeqConflict, SeqGap
from saga_agent.storage.memory.tables import Tables


class MemoryStreams:
    """Logs of rows numbered from 1 without gaps."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def get(self, stream_id: str) -> Stream:
        try:
            return self._tables.streams[stream_id]
        except KeyError:
            raise NotFound("stream", stream_id) from None

    def listen(self, stream_id: str, wake: Callable[[], None]) -> Callable[[], None]:
        return lambda: None  # no other process writes here

    async def append(self, stream_id: str, *, epoch: int, first_seq: int, chunks: Sequence[str]) -> None:
        stream = await self.get(stream_id)
        run = self._tables.fenced(stream.run_id, epoch)
        if has_ended(stream.state):
            raise RunFailed(run.id, run.state, run.reason)
        if first_seq < 1:
            raise InvalidInput(f"first_seq is {first_seq}, but rows are numbered from 1.")
        if first_seq > stream.last_seq + 1:
            raise SeqGap(stream_id, expected=stream.last_seq + 1, got=first_seq)

        log = self._tables.deltas[stream_id]
        taken = log[first_seq - 1 : first_seq - 1 + len(chunks)]
        for delta, chunk in zip(taken, chunks, strict=False):
            if delta.chunk != chunk:
                raise SeqConflict(stream_id, delta.seq)
        fresh = enumerate(chunks[len(taken) :], start=stream.last_seq + 1)
        log.extend(Delta(seq=seq, epoch=epoch, chunk=chunk) for seq, chunk in fresh)
        self._tables.streams[stream_id] = stream.model_copy(update={"last_seq": len(log)})

    async def read(self, stream_id: str, *, after: int = 0, limit: int = 1000) -> Sequence[Delta]:
        return self._tables.deltas.get(stream_id, [])[after : after + limit]

    async def trim(self, stream_id: str) -> int:
        stream = await self.get(stream_id)
        if not has_ended(stream.state):
            return 0
        log = self._tables.deltas[stream_id]
        removed = len(log)
        log.clear()
        return removed
