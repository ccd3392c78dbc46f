"""Reading a stream: replay from any seq, then follow it live, from this process or another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from saga_agent.audiences import page_reason
from saga_agent.domain import chunks as c
from saga_agent.domain.journal import END_STATES, Run, Stream
from saga_agent.domain.playback import chunks_of
from saga_agent.errors import SeqGap
from saga_agent.storage.ports.journal import Journal
from saga_agent.streams.hub import Feed, StreamHub, heard
from saga_agent.streams.rows import StreamEvent, read_rows, to_event

_POLL_SECONDS = 1.0
"""How often a reader looks for rows that another process wrote."""


@dataclass(slots=True)
class Bookmark:
    """How far a reader has come: all rows up to `after` are read."""

    after: int = 0
    at_end: bool = False
    """Whether the chunk read last closes the message."""
    is_over: bool = False
    """Whether the stream had ended when it was read last: nothing more will come."""


class StreamReader:
    """Reads streams for as many readers as there are; no reader touches a run."""

    def __init__(self, journal: Journal, hub: StreamHub) -> None:
        self._journal, self._hub = journal, hub

    async def load(self, stream_id: str) -> list[StreamEvent]:
        """All events of the log as they are, rewinds included; rows that cannot be read are left out."""
        return [event async for event in self._events(stream_id, Bookmark())]

    async def follow(self, stream_id: str, *, after: int = 0) -> AsyncIterator[StreamEvent]:
        """Rows with seq > after: those in the log, then each as it is flushed; ends at a pause or at the end.

        When the rows are gone (the run has ended and its log was trimmed), the final message comes instead, from
        `start` to its terminal chunk, in place of all that was read before. Those events are no rows: they carry
        `after` as their seq, so that a reader who is cut off asks for them all again; the last one carries the
        stream's last seq. An ended stream whose log has no terminal chunk is given one in the same way.

        Raises: `NotFound`; `SeqGap` where rows are missing.
        """
        async for event in self._follow(stream_id, Bookmark(max(after, 0))):
            yield event

    async def _follow(self, stream_id: str, bookmark: Bookmark) -> AsyncIterator[StreamEvent]:
        with self._hub.listening(stream_id) as news:
            while True:
                news.clear()
                before, stream = bookmark.after, await self._journal.streams.get(stream_id)
                if before < stream.last_seq:
                    async for event in self._events(stream_id, bookmark):
                        yield event
                if stream.state in END_STATES and (bookmark.after >= stream.last_seq or bookmark.after == before):
                    bookmark.is_over = True  # its last row was written before that
                    break
                if bookmark.after > before:
                    continue
                if bookmark.after < stream.last_seq:
                    raise SeqGap(stream_id, expected=bookmark.after + 1, got=stream.last_seq)
                if stream.state == "waiting":
                    return
                await heard(news, timeout_seconds=_POLL_SECONDS)
        if bookmark.after < stream.last_seq or not bookmark.at_end:
            async for event in self._end(stream, bookmark.after):
                yield event

    async def live(self, stream_id: str, bookmark: Bookmark) -> AsyncIterator[c.Chunk]:
        """The chunks after the bookmark: at once when the stream is written in this process, else as they are flushed.

        A `rewind` voids what the log does not hold: words of a runner that were shown and never stored, too.
        While the run waits for its turn in this process, its place in the line comes as `data-queue`, which is in no
        log. The bookmark moves on with the chunks; it is exact when the iterator has ended.
        """
        while True:
            async for place in self._hub.places(stream_id):
                yield c.Data(type="data-queue", data={"position": place}, transient=True)
            if (feed := await self._hub.feed(stream_id)) is None:
                break
            async for chunk in self._attached(feed, stream_id, bookmark):
                yield chunk
        async for event in self._follow(stream_id, bookmark):
            bookmark.after = event.seq
            yield event.chunk

    async def _attached(self, feed: Feed, stream_id: str, bookmark: Bookmark) -> AsyncIterator[c.Chunk]:
        subscriber = feed.attach(bookmark.after)
        try:
            await subscriber.joined()
            async for event in self._events(stream_id, bookmark, until=subscriber.after):
                yield event.chunk
            while (chunk := await subscriber.next()) is not None:
                bookmark.at_end = isinstance(chunk, c.TERMINAL)
                yield chunk
            bookmark.after = max(bookmark.after, subscriber.resume_after or 0)
            if subscriber.saw_unlogged:
                bookmark.at_end = False
                yield c.Rewind(to_seq=bookmark.after)
        finally:
            feed.detach(subscriber)

    async def _events(
        self, stream_id: str, bookmark: Bookmark, *, until: int | None = None
    ) -> AsyncIterator[StreamEvent]:
        async for row in read_rows(self._journal.streams, stream_id, after=bookmark.after, until=until):
            bookmark.after = row.seq
            if event := to_event(stream_id, row):
                bookmark.at_end = isinstance(event.chunk, c.TERMINAL)
                yield event

    async def _end(self, stream: Stream, after: int) -> AsyncIterator[StreamEvent]:
        """What the log of an ended stream does not tell a reader who has read it up to `after`."""
        last = await self._journal.streams.read(stream.id, after=stream.last_seq - 1, limit=1)
        if last and (event := to_event(stream.id, last[0])) and isinstance(event.chunk, c.TERMINAL):
            return
        if after < stream.last_seq:
            message = await self._journal.threads.message(stream.message_id)
            yield StreamEvent(after, c.Start(message_id=message.id))
            if message.metadata:
                yield StreamEvent(after, c.MessageMetadata(message_metadata=message.metadata))
            for chunk in chunks_of(message.parts):
                yield StreamEvent(after, chunk)
        yield StreamEvent(stream.last_seq, _terminal(await self._journal.runs.get(stream.run_id)))


def _terminal(run: Run) -> c.Chunk:
    if run.state == "finished":
        return c.Finish()
    return c.Error(error_text=page_reason(run.reason, run.reason_code)) if run.state == "failed" else c.Abort()
