"""The rows of a log, read in order: pages, gaps, rows that cannot be read, and what a rewind voids."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from saga_agent.domain.chunks import CHUNK, Chunk, Rewind
from saga_agent.domain.effective_rows import EffectiveRows
from saga_agent.domain.journal import Delta
from saga_agent.errors import SeqGap
from saga_agent.storage.ports.journal import Streams

_log = logging.getLogger(__name__)
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One row of a stream."""

    seq: int
    chunk: Chunk


async def read_rows(
    streams: Streams, stream_id: str, *, after: int = 0, until: int | None = None
) -> AsyncIterator[Delta]:
    """The rows after that seq (up to `until`), a page at a time; `SeqGap` where one is missing."""
    while until is None or after < until:
        limit = _PAGE if until is None else min(_PAGE, until - after)
        rows = await streams.read(stream_id, after=after, limit=limit)
        for row in rows:
            if row.seq != after + 1:
                raise SeqGap(stream_id, expected=after + 1, got=row.seq)
            after = row.seq
            yield row
        if len(rows) < limit:
            return


def to_event(stream_id: str, row: Delta) -> StreamEvent | None:
    """The row with its chunk parsed; None, and a warning, for one that is no chunk."""
    try:
        return StreamEvent(row.seq, CHUNK.validate_json(row.chunk))
    except ValueError:
        _log.warning("stream %s: row %d is damaged and left out", stream_id, row.seq)
        return None


def effective_rows(stream_id: str, rows: Iterable[Delta]) -> list[Delta]:
    """The rows that count: what a rewind voids is left out, and the rewind itself; only rewinds are parsed."""
    counting = EffectiveRows[Delta]()
    for row in rows:
        event = to_event(stream_id, row) if '"rewind"' in row.chunk else None
        if event is not None and isinstance(event.chunk, Rewind):
            counting.rewind(event.chunk.to_seq)
        else:
            counting.add(row.seq, row)
    return counting.to_list()


def effective_events(events: Iterable[StreamEvent]) -> list[StreamEvent]:
    """The events that count: what a rewind voids is left out, and the rewind itself."""
    counting = EffectiveRows[StreamEvent]()
    for event in events:
        if isinstance(event.chunk, Rewind):
            counting.rewind(event.chunk.to_seq)
        else:
            counting.add(event.seq, event)
    return counting.to_list()
