"""Fan-out of live streams inside one process: readers see a chunk as soon as it is written.

A channel belongs to one stream while a runner of this process writes it. What is not in the log yet is `pending`;
a reader that attaches takes the log up to `flushed_seq`, then `pending`, then its queue, and so misses nothing and
sees nothing twice. A reader that is too slow is cut loose at a flush boundary and goes on from the log.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

from saga_agent.domain.chunks import Chunk

_MAX_QUEUED = 20_000
Listen = Callable[[str, Callable[[], None]], Callable[[], None]]
"""Registers a wake-up for news of a stream from other processes; see `storage.journal.Streams.listen`."""


class Subscriber:
    """One live reader of a channel."""

    def __init__(self, flushed_seq: int, pending: list[Chunk]) -> None:
        self.flushed_seq = flushed_seq
        """The log up to here comes before the queue."""
        self.resume_after: int | None = None
        """Set when the channel has let this reader go: read on from the log after this seq."""
        self._queue: deque[Chunk] = deque(pending)
        self._wake = asyncio.Event()

    async def next(self) -> Chunk | None:
        """The next chunk; None when the channel has nothing more for this reader."""
        while not self._queue:
            if self.resume_after is not None:
                return None
            self._wake.clear()
            await self._wake.wait()
        return self._queue.popleft()

    def push(self, chunk: Chunk) -> None:
        """Takes a chunk, unless the reader was let go."""
        if self.resume_after is None:
            self._queue.append(chunk)
            self._wake.set()

    def at_boundary(self, seq: int, *, unflushed: int) -> None:
        """All that was pushed but the last `unflushed` is in the log up to `seq`; lets a slow reader go here."""
        if self.resume_after is None and len(self._queue) > _MAX_QUEUED + unflushed:
            for _ in range(unflushed):
                self._queue.pop()
            self.release(seq)

    def release(self, seq: int) -> None:
        """Lets the reader go: after its queue it reads on from the log after `seq`."""
        if self.resume_after is None:
            self.resume_after = seq
            self._wake.set()


class Channel:
    """What is known of one stream that is being written here."""

    def __init__(self) -> None:
        self.ready = asyncio.Event()
        """Set when the writer has begun, or when the channel is closed without one."""
        self.flushed_seq = 0
        self._pending: list[Chunk] = []
        self._subscribers: set[Subscriber] = set()
        self._closed = False

    def begin(self, flushed_seq: int) -> None:
        """A writer starts after that seq; what an earlier one could not bring into the log is no longer pending."""
        if self._pending:
            self._release_all()
            self._pending.clear()
        self.flushed_seq = flushed_seq
        self.ready.set()

    def publish(self, chunk: Chunk) -> None:
        """A chunk was written; it is in no row yet."""
        self._pending.append(chunk)
        for subscriber in self._subscribers:
            subscriber.push(chunk)

    def flushed(self, seq: int, count: int) -> None:
        """The first `count` pending chunks are in the log, which ends at `seq`."""
        del self._pending[:count]
        self.flushed_seq = seq
        for subscriber in self._subscribers:
            subscriber.at_boundary(seq, unflushed=len(self._pending))

    def attach(self) -> Subscriber:
        """A new live reader; of a closed channel it is sent on to the log."""
        subscriber = Subscriber(self.flushed_seq, self._pending)
        if self._closed:
            subscriber.release(self.flushed_seq)
        self._subscribers.add(subscriber)
        return subscriber

    def detach(self, subscriber: Subscriber) -> None:
        """The reader leaves; nothing else changes."""
        self._subscribers.discard(subscriber)

    def close(self) -> None:
        """The writer is done: every reader finishes its queue and turns to the log."""
        self._closed = True
        self._pending.clear()
        self._release_all()
        self.ready.set()

    def _release_all(self) -> None:
        for subscriber in self._subscribers:
            subscriber.release(self.flushed_seq)


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
