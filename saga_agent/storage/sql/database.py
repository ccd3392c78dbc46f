"""One database with two verbs: `write` and `read` a function of a SQLAlchemy connection, in one transaction each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine

from saga_agent.errors import StorageUnavailable
from saga_agent.storage.sql import schema
from saga_agent.storage.sql.backend import Backend
from saga_agent.storage.sql.writer import Writer

T = TypeVar("T")


class Database:
    """A backend that is open: one writer, and a small pool of readers in threads of their own."""

    def __init__(self, backend: Backend, *, pool_size: int) -> None:
        self._backend, self._pool_size = backend, pool_size
        self.news = backend.news()
        """Tells of what other processes commit."""
        self._writer: Writer | None = None
        self._engine: Engine | None = None
        self._threads: ThreadPoolExecutor | None = None

    @property
    def commits(self) -> int:
        """How many transactions this object has committed since it was opened."""
        return self._writer.commits if self._writer else 0

    async def open(self) -> None:
        """Connects, and makes the tables if there are none; a schema that cannot be used is refused."""
        if self._writer is None:
            await asyncio.to_thread(self._prepare)
            self._writer = Writer(self._backend, self._backend.writer_engine())
            self._engine = self._backend.reader_engine(self._pool_size)
            self._threads = ThreadPoolExecutor(self._pool_size, thread_name_prefix="saga-reader")

    async def close(self) -> None:
        """Finishes the writes and reads under way, then lets go of every connection; may be repeated."""
        writer, threads, engine = self._writer, self._threads, self._engine
        self._writer = self._threads = self._engine = None
        await self.news.close()
        if threads is not None:
            await asyncio.to_thread(threads.shutdown)
        if engine is not None:
            engine.dispose()
        if writer is not None:
            # Last, so that the log is folded back into the file.
            await asyncio.to_thread(writer.close)

    async def write(self, run: Callable[[Connection], T]) -> T:
        """What `run` gives, once its changes are on the disk; see `Writer` for what it may do."""
        if self._writer is None:
            raise _closed()
        return await self._writer.write(run)

    async def read(self, run: Callable[[Connection], T]) -> T:
        """What `run` gives; it sees one state of the database and cannot change it."""
        if self._threads is None or self._engine is None:
            raise _closed()
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, self._engine, run)

    def _read(self, engine: Engine, run: Callable[[Connection], T]) -> T:
        try:
            with engine.connect() as conn:
                return run(conn)
        except Exception as error:
            explained = self._backend.explain(error)
            if explained is error:
                raise
            raise explained from error

    def _prepare(self) -> None:
        schema.prepare(self._backend)


def _closed() -> StorageUnavailable:
    return StorageUnavailable("The storage is not open; use it inside 'async with storage:'.")
