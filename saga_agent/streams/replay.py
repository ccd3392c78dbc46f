"""A message told from its first chunk: what counts of its log now, and then what comes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from saga_agent.domain.chunks import TERMINAL, Chunk, FinishStep, Rewind, StartStep
from saga_agent.domain.journal import Delta
from saga_agent.storage.ports.journal import Streams
from saga_agent.streams.reader import Bookmark, StreamReader
from saga_agent.streams.rows import effective_rows, read_rows, to_event


class Rewound(Exception):
    """What a reader was told no longer counts; it must ask for the message again."""


class ReplayedChunks:
    """The chunks that a log holds, without what rewinds have voided; a row is parsed when it is its turn."""

    def __init__(self, stream_id: str, rows: Sequence[Delta]) -> None:
        self._stream_id, self._rows = stream_id, rows

    def __bool__(self) -> bool:
        return bool(self._rows)

    def __iter__(self) -> Iterator[Chunk]:
        return self._parsed(self._rows)

    def __reversed__(self) -> Iterator[Chunk]:
        return self._parsed(reversed(self._rows))

    def _parsed(self, rows: Iterable[Delta]) -> Iterator[Chunk]:
        return (event.chunk for row in rows if (event := to_event(self._stream_id, row)))


@dataclass(frozen=True, slots=True)
class Replay:
    """A message for somebody who has none of it; no chunk of it is a rewind."""

    written: ReplayedChunks
    epoch: int
    """The epoch of the log's last row; 0 for a log without rows."""
    coming: AsyncIterator[Chunk]
    """What follows, until a pause or the end; raises `Rewound` when what was told is voided."""

    @property
    def in_step(self) -> bool:
        """Whether the log breaks off inside a step, which a runner who takes the run over would begin again."""
        marks = (chunk for chunk in reversed(self.written) if isinstance(chunk, (StartStep, FinishStep, *TERMINAL)))
        return isinstance(next(marks, None), StartStep)


async def replay(
    stream_id: str, streams: Streams, reader: StreamReader, *, goes_on: Callable[[], Awaitable[bool]]
) -> Replay:
    """The message of that stream; `goes_on` is asked at each pause whether it is one that waits for the writer.

    Raises: `NotFound`, `SeqGap` where rows are missing.
    """
    rows = [row async for row in read_rows(streams, stream_id)]
    after, epoch = (rows[-1].seq, rows[-1].epoch) if rows else (0, 0)
    written = ReplayedChunks(stream_id, effective_rows(stream_id, rows))
    return Replay(written, epoch, _coming(reader, stream_id, Bookmark(after), goes_on))


async def _coming(
    reader: StreamReader, stream_id: str, bookmark: Bookmark, goes_on: Callable[[], Awaitable[bool]]
) -> AsyncIterator[Chunk]:
    while True:
        async for chunk in reader.live(stream_id, bookmark):
            if isinstance(chunk, Rewind):
                raise Rewound(stream_id)
            yield chunk
        if bookmark.is_over or not await goes_on():
            return
