"""A check: one promise about streams, run on a fresh log with its hub and reader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from saga_agent.domain.chunks import Chunk
from saga_agent.domain.journal import Run
from saga_agent.storage.adapter import Storage
from saga_agent.streams.hub import StreamHub
from saga_agent.streams.reader import Bookmark, StreamReader
from saga_agent.streams.rows import StreamEvent
from saga_agent.streams.writer import StreamWriter
from saga_agent.testing.storage.check import MakeStorage

T = TypeVar("T")
PATIENCE_SECONDS = 20.0
"""How long a reader may take for what it has to tell at once; it is slow only where it would never."""


class Reader(Protocol):
    """Reads streams, from the log and live, as `streams.reader.StreamReader` does."""

    async def load(self, stream_id: str) -> list[StreamEvent]:
        """All events of the log, those that rewinds void included; rows that cannot be read are left out."""
        ...

    def follow(self, stream_id: str, *, after: int = 0) -> AsyncIterator[StreamEvent]:
        """Rows with seq > after, then each as it is stored; ends at a pause or at the end."""
        ...

    def live(self, stream_id: str, bookmark: Bookmark) -> AsyncIterator[Chunk]:
        """The chunks after the bookmark, at once where the hub has the stream's writer."""
        ...


@dataclass(frozen=True, slots=True)
class Stand:
    """What belongs together in one process: the log's storage, the hub, and a reader of both."""

    storage: Storage
    """Its `journal.streams` is the log."""
    hub: StreamHub
    reader: Reader

    def writer(self, run: Run, *, last_seq: int = 0, flush_seconds: float = 1_000.0) -> StreamWriter:
        """A writer of the run's stream who flushes when it is told to."""
        return StreamWriter(
            self.storage.journal.streams,
            self.hub,
            stream_id=run.stream_id,
            epoch=run.epoch,
            last_seq=last_seq,
            flush_seconds=flush_seconds,
        )


MakeStand = Callable[[], AbstractAsyncContextManager[Stand]]
"""Gives an async context manager that yields a stand on a fresh, open storage."""
Rule = Callable[[Stand], Awaitable[None]]


def stand_on(make_storage: MakeStorage) -> MakeStand:
    """A stand of the library's own hub and reader, on the log of such a storage.

    Example:
        >>> for check in all_checks():
        ...     await check.run(stand_on(make_storage))
    """

    @asynccontextmanager
    async def make() -> AsyncGenerator[Stand]:
        async with make_storage() as storage:
            hub = StreamHub(storage.journal.streams.listen)
            yield Stand(storage, hub, StreamReader(storage.journal, hub))

    return make


@dataclass(frozen=True, slots=True)
class Check:
    """One rule of a log, a reader or a hub."""

    name: str
    """E.g. `hub.tells_no_row_twice`; unique."""
    port: str
    """`log`, `reader` or `hub`."""
    run: Callable[[MakeStand], Awaitable[None]]
    """Runs it on the stand it is given; raises `AssertionError` when the rule is broken."""


def build_check(port: str, rule_name: str, promise: str, rule: Rule) -> Check:
    """A check whose failures open with the promise that was broken."""
    name = f"{port}.{rule_name}"

    async def run(make_stand: MakeStand) -> None:
        async with make_stand() as stand:
            try:
                await rule(stand)
            except AssertionError as error:
                raise AssertionError(f"{name}: {promise} {error}") from error
            except Exception as error:
                raise AssertionError(f"{name}: {promise} It raised {error!r}.") from error

    return Check(name, port, run)


async def all_of(told: AsyncIterator[T]) -> list[T]:
    """All that is told, which must come to an end."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        return [each async for each in told]
