"""The readers: a few threads, each of which keeps a connection that cannot write."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from saga_agent.storage.sql.backend import Backend
from saga_agent.storage.sql.jobs import Job, JobQueue, settle

T = TypeVar("T")


class Readers:
    """Runs reads side by side, each in a transaction that sees one state of the database.

    A connection is kept from one read to the next: taking it from a pool costs more than a read by key. One that was
    lost meanwhile is made anew, and the read is run again on it.
    """

    def __init__(self, backend: Backend, engine: Engine, *, count: int) -> None:
        self._backend, self._engine = backend, engine
        self._jobs = JobQueue(threads=count)
        self._threads = [
            threading.Thread(target=self._work, name=f"saga-reader-{number}", daemon=True) for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    async def read(self, run: Callable[[Connection], T], *, urgent: bool = False) -> T:
        """What `run` gives; what is urgent goes before all that waits."""
        return await self._jobs.have_done(run, urgent=urgent)

    def close(self) -> None:
        """Finishes the reads that wait, then lets go of the connections; blocks until that is done."""
        self._jobs.close()
        for thread in self._threads:
            thread.join()
        self._engine.dispose()

    def _work(self) -> None:
        conn: Connection | None = None
        while (job := self._jobs.take()) is not None:
            conn = self._perform(job, conn)
            settle([job])
            del job  # what was read must not live until the next read
        if conn is not None:
            _close(conn)

    def _perform(self, job: Job, conn: Connection | None) -> Connection | None:
        """Runs the job on that connection, or on a new one; gives the one to keep."""
        is_kept = conn is not None
        try:
            conn = conn or self._engine.connect()
            job.value = _transact(conn, job.run)
        except Exception as error:
            if not isinstance(error, DBAPIError | self._backend.driver_error):
                job.error = self._explained(error)
                return conn
            if conn is not None:
                _close(conn)
            if is_kept and self._backend.is_transient(error):
                return self._perform(job, None)
            job.error = self._explained(error)
            return None
        return conn

    def _explained(self, error: Exception) -> Exception:
        explained = self._backend.explain(error)
        if explained is not error:
            explained.__cause__ = error
        return explained


def _transact(conn: Connection, run: Callable[[Connection], T]) -> T:
    transaction = conn.begin()
    try:
        return run(conn)
    finally:
        transaction.rollback()


def _close(conn: Connection) -> None:
    with suppress(Exception):  # it may be broken, which is why it goes
        conn.close()
