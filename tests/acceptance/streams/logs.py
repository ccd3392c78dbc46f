"""A run that was taken once (epoch 1), and what writes and reads its log, without a saga around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from saga_agent.domain import chunks as c
from saga_agent.domain.journal import Run
from saga_agent.domain.parts import PartsBuilder
from saga_agent.domain.record import JsonObject
from saga_agent.storage.adapter import Storage
from saga_agent.streams.hub import StreamHub
from saga_agent.streams.message import MessageStream
from saga_agent.streams.reader import StreamReader
from saga_agent.streams.rows import StreamEvent, effective_events
from saga_agent.streams.writer import StreamWriter
from tests.turns import begin_turn


@dataclass(slots=True)
class Log:
    """One stream of a storage."""

    storage: Storage
    run: Run
    hub: StreamHub = field(default_factory=StreamHub)

    @classmethod
    async def begin(cls, storage: Storage) -> Log:
        return cls(storage, await begin_turn(storage))

    @property
    def reader(self) -> StreamReader:
        return StreamReader(self.storage.journal, self.hub)

    def writer(self, **options: float) -> StreamWriter:
        return StreamWriter(
            self.storage.journal.streams,
            self.hub,
            stream_id="str",
            epoch=1,
            last_seq=0,
            **options,  # pyright: ignore
        )

    async def message(self) -> MessageStream:
        return await MessageStream.restore(self.run, self.storage.journal.streams, self.hub)

    async def append(self, first_seq: int, chunks: Sequence[c.Chunk | str], *, epoch: int = 1) -> None:
        rows = [chunk if isinstance(chunk, str) else chunk.to_json() for chunk in chunks]
        await self.storage.journal.streams.append("str", epoch=epoch, first_seq=first_seq, chunks=rows)

    async def end(self, parts: Sequence[JsonObject], *, reason: str = "") -> None:
        await self.storage.journal.runs.finish(
            "run",
            epoch=1,
            state="failed" if reason else "finished",
            parts=parts,
            metadata={},
            reason=reason,
            usage=(),
            now=1,
        )


def build(events: Sequence[StreamEvent | c.Chunk]) -> tuple[JsonObject, ...]:
    """The parts that these events make."""
    builder = PartsBuilder()
    rows = [event if isinstance(event, StreamEvent) else StreamEvent(0, event) for event in events]
    for event in effective_events(rows):
        builder.add(event.chunk)
    return builder.parts


def text_of(events: Sequence[StreamEvent]) -> str:
    """The text that these events hold."""
    return "".join(event.chunk.delta for event in effective_events(events) if isinstance(event.chunk, c.TextDelta))
