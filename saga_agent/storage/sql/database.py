"""One database with two verbs: `write` and `read` a function of a SQLAlchemy connection, in one transaction each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from saga_agent.errors import StorageUnavailable
from saga_agent.storage.sql import schema
from saga_agent.storage.sql.engine.backend import Backend
from saga_agent.storage.sql.engine.workers import Readers, Writer

T = TypeVar("T")


class Database:
    """A backend that is open: one writer, and a small pool of readers in threads of their own."""

    def __init__(self, backend: Backend, *, pool_size: int) -> None:
        self._backend, self._pool_size = backend, pool_size
        self.news = backend.news()
        """Tells of what other processes commit."""
        self._writer: Writer | None = None
        self._readers: Readers | None = None

    @property
    def commits(self) -> int:
        """How many transactions this object has committed since it was opened."""
        return self._writer.commits if self._writer else 0

    async def open(self) -> None:
        """Connects, and makes the tables if there are none; a schema that cannot be used is refused."""
        if self._writer is None:
            await asyncio.to_thread(self._prepare)
            self._writer = Writer(self._backend, self._backend.writer_engine())
            self._readers = Readers(self._backend, self._backend.reader_engine(), count=self._pool_size)

    async def close(self) -> None:
        """Finishes the writes and reads under way, then lets go of every connection; may be repeated."""
        writer, readers = self._writer, self._readers
        self._writer = self._readers = None
        await self.news.close()
        if readers is not None:
            await asyncio.to_thread(readers.close)
        if writer is not None:
            # Last, so that the log is folded back into the file.
            await asyncio.to_thread(writer.close)

    async def write(self, run: Callable[[Connection], T], *, urgent: bool = False) -> T:
        """What `run` gives, once its changes are on the disk; see `Writer` for what it may do.

        What is urgent goes before all that waits: signs of life, which come too late behind a crowd's writes.
        """
        if self._writer is None:
            raise _closed()
        return await self._writer.write(run, urgent=urgent)

    async def read(self, run: Callable[[Connection], T], *, urgent: bool = False) -> T:
        """What `run` gives; it sees one state of the database and cannot change it."""
        if self._readers is None:
            raise _closed()
        return await self._readers.read(run, urgent=urgent)

    def _prepare(self) -> None:
        schema.prepare(self._backend)


def _closed() -> StorageUnavailable:
    return StorageUnavailable("The storage is not open; use it inside 'async with storage:'.")
