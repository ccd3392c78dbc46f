"""Fan-out of live streams inside one process: readers see a chunk as soon as it is written.

A channel belongs to one stream while a runner of this process has its run, and holds the feed of the writer that is
at work. What a writer has written and the log has not yet taken is `pending`. A reader joins where feed and log meet:
it takes the log up to there, then what is pending, then its queue, and so misses nothing and sees nothing twice. Every
reader leaves the same way, back to the log, and is told whether it has seen what the log never took.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Generator, Sequence
from contextlib import contextmanager, suppress

from saga_agent.domain.chunks import Chunk

_MAX_QUEUED = 20_000
Listen = Callable[[str, Callable[[], None]], Callable[[], None]]
"""Registers a wake-up for news of a stream from other processes; see `storage.journal.Streams.listen`."""


class Subscriber:
    """One live reader of a feed, who has read the log up to `after`."""

    def __init__(self, after: int) -> None:
        self.after = after
        """The log up to here comes before the queue; final once `joined` has returned."""
        self.resume_after: int | None = None
        """Set when the feed has let this reader go: read on from the log after this seq."""
        self.saw_unlogged = False
        """Whether it was given chunks, after `resume_after`, that were in no row when it was let go."""
        self._queue: deque[Chunk] = deque()
        self._has_joined = False
        self._wake = asyncio.Event()

    async def joined(self) -> None:
        """Returns when the feed has come to where this reader is in the log, or has let it go."""
        while not self._has_joined:
            await self._news()

    async def next(self) -> Chunk | None:
        """The next chunk; None when the feed has nothing more for this reader."""
        while not self._queue:
            if self.resume_after is not None:
                return None
            await self._news()
        return self._queue.popleft()

    def meet(self, seq: int, pending: Sequence[Chunk]) -> None:
        """The log ends at `seq`, and `pending` comes after it: joins there, unless it has read more than that.

        The log may hold rows whose writer has not heard yet that they arrived. To a reader of those they must not come
        a second time as pending.
        """
        if not self._has_joined and self.after <= seq:
            self.after = seq
            self._queue.extend(pending)
            self._join()

    def push(self, chunk: Chunk) -> None:
        """Takes a chunk, once it has joined."""
        if self._has_joined:
            self._queue.append(chunk)
            self._wake.set()

    def at_boundary(self, seq: int, pending: Sequence[Chunk]) -> bool:
        """All that was pushed but `pending` is in the log up to `seq`; False when it lets a slow reader go here."""
        self.meet(seq, pending)
        if len(self._queue) <= _MAX_QUEUED + len(pending):
            return True
        self.release(seq, unlogged=len(pending))
        return False

    def release(self, seq: int, *, unlogged: int) -> None:
        """Lets the reader go: after its queue, but for the last `unlogged` chunks, it reads on from after `seq`."""
        if self._has_joined:
            kept = min(unlogged, len(self._queue))
            for _ in range(kept):
                self._queue.pop()
            self.saw_unlogged = kept < unlogged
        self.resume_after = max(seq, self.after)
        self._join()

    def _join(self) -> None:
        self._has_joined = True
        self._wake.set()

    async def _news(self) -> None:
        self._wake.clear()
        await self._wake.wait()


class Feed:
    """What one writer writes of a stream, for the readers of this process."""

    def __init__(self, flushed_seq: int) -> None:
        self.is_over = False
        self._flushed_seq = flushed_seq
        self._pending: list[Chunk] = []
        self._subscribers: set[Subscriber] = set()

    def publish(self, chunk: Chunk) -> None:
        """A chunk was written; it is in no row yet."""
        self._pending.append(chunk)
        for subscriber in self._subscribers:
            subscriber.push(chunk)

    def flushed(self, seq: int, count: int) -> None:
        """The first `count` pending chunks are in the log, which ends at `seq`."""
        del self._pending[:count]
        self._flushed_seq = seq
        self._subscribers = {each for each in self._subscribers if each.at_boundary(seq, self._pending)}

    def attach(self, after: int) -> Subscriber:
        """A new live reader, who has read the log up to `after`; of a feed that is over it is sent on to the log."""
        subscriber = Subscriber(after)
        subscriber.meet(self._flushed_seq, self._pending)
        if self.is_over:
            subscriber.release(self._flushed_seq, unlogged=0)
        else:
            self._subscribers.add(subscriber)
        return subscriber

    def detach(self, subscriber: Subscriber) -> None:
        """The reader leaves; nothing else changes."""
        self._subscribers.discard(subscriber)

    def close(self) -> None:
        """The writer is done, whether or not the log has all of it: every reader turns to the log."""
        self.is_over = True
        for subscriber in self._subscribers:
            subscriber.release(self._flushed_seq, unlogged=len(self._pending))
        self._subscribers.clear()
        self._pending.clear()


class Channel:
    """A stream whose run is in this process: its place in the line, and then the feed of its writer."""

    def __init__(self) -> None:
        self._feed: Feed | None = None
        self._ready = asyncio.Event()
        self._place: int | None = None
        self._moved = asyncio.Event()

    def stand(self, place: int) -> None:
        """The run waits for its turn at that place in the line; 1 is next."""
        if place != self._place:
            self._place = place
            self._move()

    async def places(self) -> AsyncIterator[int]:
        """Where in the line the run stands, as it moves up; ends when a writer has begun, or never will."""
        told: int | None = None
        while not self._ready.is_set():
            if self._place is not None and self._place != told:
                told = self._place
                yield told
            else:
                await self._moved.wait()

    def begin(self, flushed_seq: int) -> Feed:
        """The feed of a writer who starts after that seq; the one before it is over."""
        if self._feed is not None:
            self._feed.close()
        self._feed = Feed(flushed_seq)
        self._ready.set()
        self._move()
        return self._feed

    async def feed(self) -> Feed | None:
        """The writer's feed, when it has begun; None when none is at work."""
        await self._ready.wait()
        return None if self._feed is None or self._feed.is_over else self._feed

    def close(self) -> None:
        """No writer is at work any more, or ever was."""
        if self._feed is not None:
            self._feed.close()
        self._ready.set()
        self._move()

    def _move(self) -> None:
        """Wakes those who follow the places; each waits for the next move by an event of its own."""
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()


class StreamHub:
    """The channels of all streams written in this process, and a wake-up for those who read the log."""

    def __init__(self, listen: Listen | None = None) -> None:
        self._listen = listen
        self._channels: dict[str, Channel] = {}
        self._wakes: dict[str, set[asyncio.Event]] = {}

    def open(self, stream_id: str) -> Channel:
        """The stream's channel; made if there is none."""
        if stream_id not in self._channels:
            self._channels[stream_id] = Channel()
            self.wake(stream_id)
        return self._channels[stream_id]

    def find(self, stream_id: str) -> Channel | None:
        """The stream's channel, if it is written in this process."""
        return self._channels.get(stream_id)

    async def places(self, stream_id: str) -> AsyncIterator[int]:
        """Where in the line of this process the run stands, as it moves up, until it begins."""
        if channel := self._channels.get(stream_id):
            async for place in channel.places():
                yield place

    async def feed(self, stream_id: str) -> Feed | None:
        """The feed of the writer in this process, when it has begun; None when there is none."""
        channel = self._channels.get(stream_id)
        return None if channel is None else await channel.feed()

    def close(self, stream_id: str) -> None:
        """Ends the channel and wakes all readers of the stream."""
        if channel := self._channels.pop(stream_id, None):
            channel.close()
        self.wake(stream_id)

    def wake(self, stream_id: str) -> None:
        """Tells readers of the log that there is news."""
        for event in self._wakes.get(stream_id, ()):
            event.set()

    @contextmanager
    def listening(self, stream_id: str) -> Generator[asyncio.Event]:
        """An event that is set at news of the stream; who looks at the log inside misses nothing."""
        event = asyncio.Event()
        waiting = self._wakes.setdefault(stream_id, set())
        waiting.add(event)
        # What is written here wakes its readers itself; for the rest the storage may hear of other processes.
        stop = self._listen(stream_id, event.set) if self._listen and stream_id not in self._channels else None
        try:
            yield event
        finally:
            if stop is not None:
                stop()
            waiting.discard(event)
            if not waiting:
                self._wakes.pop(stream_id, None)

    async def wait(self, stream_id: str, *, timeout_seconds: float) -> None:
        """Returns at news of the stream, or after the time-out."""
        with self.listening(stream_id) as news:
            await heard(news, timeout_seconds=timeout_seconds)


async def heard(news: asyncio.Event, *, timeout_seconds: float) -> None:
    """Returns when there is news, or after the time-out."""
    with suppress(TimeoutError):
        await asyncio.wait_for(news.wait(), timeout_seconds)
