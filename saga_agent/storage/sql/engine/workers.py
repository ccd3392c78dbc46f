"""The database's threads: one that writes and commits whatever waits in one transaction, and a few that read."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Protocol, TypeVar, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from saga_agent.errors import StorageUnavailable
from saga_agent.storage.sql.engine.backend import Backend

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class TransactionJob:
    """A function to run in a transaction, and who waits for its outcome."""

    run: Callable[[Connection], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    value: object = None
    error: Exception | None = None


class _WakeUp:
    """Wakes a thread for an urgent job; stands where the job would in the order."""


_LOOK = _WakeUp()


class JobQueue:
    """Jobs in the order they come, but for urgent ones, which go first; for one or several threads."""

    def __init__(self, *, threads: int = 1) -> None:
        self._threads = threads
        self._jobs: SimpleQueue[TransactionJob | _WakeUp | None] = SimpleQueue()
        self._urgent: deque[TransactionJob] = deque()
        self._lock = threading.Lock()
        self._closing = False

    async def have_done(self, run: Callable[[Connection], T], *, urgent: bool = False) -> T:
        """What `run` gives, once a thread has run it; `StorageUnavailable` when the queue is closed."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        with self._lock:
            if self._closing:
                raise StorageUnavailable("The storage is closed; open it before it is used.")
            job = TransactionJob(run, loop, future)
            if urgent:
                self._urgent.append(job)
            self._jobs.put(_LOOK if urgent else job)
        return await future

    def take(self) -> TransactionJob | None:
        """The next job, waited for; None when the thread that asks is to end."""
        while True:
            with suppress(IndexError):
                return self._urgent.popleft()
            if not isinstance(job := self._jobs.get(), _WakeUp):
                return job

    def take_more(self, limit: int) -> tuple[list[TransactionJob], bool]:
        """Up to that many jobs that wait by now, and whether the thread that asks is to end after them."""
        jobs: list[TransactionJob] = []
        while len(jobs) < limit:
            try:
                jobs.append(self._urgent.popleft())
                continue
            except IndexError:
                pass
            try:
                job = self._jobs.get_nowait()
            except Empty:
                break
            if job is None:
                return jobs, True
            if not isinstance(job, _WakeUp):
                jobs.append(job)
        return jobs, False

    def close(self) -> None:
        """Takes no more jobs, and lets each thread end when those that wait are done; may be repeated."""
        with self._lock:
            if not self._closing:
                self._closing = True
                for _ in range(self._threads):
                    self._jobs.put(None)


def settle(jobs: Sequence[TransactionJob]) -> None:
    """Wakes the waiting callers, each loop once."""
    loops: dict[asyncio.AbstractEventLoop, list[TransactionJob]] = {}
    for job in jobs:
        loops.setdefault(job.loop, []).append(job)
    for loop, each in loops.items():
        with suppress(RuntimeError):  # that loop is closed; nobody waits there any more
            loop.call_soon_threadsafe(_resolve, each)


def _resolve(jobs: Sequence[TransactionJob]) -> None:
    for job in jobs:
        if job.future.done():  # its caller was cancelled
            continue
        if job.error is None:
            job.future.set_result(job.value)
        else:
            job.future.set_exception(job.error)


_ATTEMPTS = 3


class _Executes(Protocol):
    def execute(self, statement: str, /) -> object: ...


class _GroupFailed(Exception):
    """The transaction cannot go on for any job of the group; each has to be run by itself."""


class _CommitUnknown(StorageUnavailable):
    """The connection was lost during COMMIT: nobody knows whether it happened, so nothing may be run again."""

    def __init__(self) -> None:
        super().__init__("The connection was lost during a commit; the change may be stored or not: read it again.")


class Writer:
    """Runs jobs in the order they come, urgent ones first, as many in one transaction as wait when it begins.

    A job must not change anything but the database: it may run twice, when its group fails as a whole. A caller that
    is cancelled stops waiting; its job is run all the same, whole.
    """

    def __init__(self, backend: Backend, engine: Engine) -> None:
        self.commits = 0
        """How many transactions were committed."""
        self._backend, self._engine = backend, engine
        self._connection: Connection | None = None
        self._jobs = JobQueue()
        self._thread = threading.Thread(target=self._work, name="saga-writer", daemon=True)
        self._thread.start()

    async def write(self, run: Callable[[Connection], T], *, urgent: bool = False) -> T:
        """What `run` gives, after its transaction is on the disk; what is urgent goes before all that waits."""
        return await self._jobs.have_done(run, urgent=urgent)

    def close(self) -> None:
        """Finishes the jobs that wait, then lets go of the connection; blocks until that is done."""
        self._jobs.close()
        self._thread.join()

    def _work(self) -> None:
        closing = False
        while not closing:
            group, closing = self._take()
            if group:
                self._perform(group)
                settle(group)
            del group  # what was written must not live until the next write
        if self._connection is not None:
            with suppress(Exception):  # tidying up is no promise; everything is committed
                self._backend.retire(self._connection)
        self._disconnect()
        self._engine.dispose()

    def _take(self) -> tuple[list[TransactionJob], bool]:
        """The jobs that wait (at least one, unless it is time to close), and whether to close after them."""
        first = self._jobs.take()
        if first is None:
            return [], True
        more, closing = self._jobs.take_more(self._backend.group_limit - 1)
        return [first, *more], closing

    def _perform(self, group: Sequence[TransactionJob]) -> None:
        if len(group) > 1:
            try:
                return self._together(group)
            except _CommitUnknown as error:
                return self._fail(group, error)
            except Exception:  # whatever it was, each job meets it, or not, by itself
                self._disconnect()
        for job in group:
            job.value, job.error = self._alone(job)

    def _together(self, group: Sequence[TransactionJob]) -> None:
        try:
            conn = self._connect()
            transaction = conn.begin()
        except Exception as error:
            # Waiting for the same lock once per job would take minutes.
            self._disconnect()
            return self._fail(group, error)
        try:
            raw = cast(_Executes, conn.connection.driver_connection)
            for job in group:
                self._within(conn, raw, job)
            self._backend.before_commit(conn)
        except BaseException:
            with suppress(Exception):
                transaction.rollback()
            raise
        self._commit(transaction.commit)

    def _within(self, conn: Connection, raw: _Executes, job: TransactionJob) -> None:
        # Straight to the driver: SQLAlchemy's own savepoints cost forty times as much.
        raw.execute("SAVEPOINT job")
        try:
            job.value, job.error = job.run(conn), None
        except Exception as error:
            if self._backend.is_transient(error):
                raise _GroupFailed from error
            raw.execute("ROLLBACK TO SAVEPOINT job")
            job.value, job.error = None, self._explained(error)
        raw.execute("RELEASE SAVEPOINT job")

    def _alone(self, job: TransactionJob) -> tuple[object, Exception | None]:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._transact(job.run), None
            except Exception as error:
                if isinstance(error, DBAPIError | self._backend.driver_error):
                    self._disconnect()
                if attempt == _ATTEMPTS or not self._backend.is_transient(error):
                    return None, self._explained(error)
        raise AssertionError("unreachable")

    def _transact(self, run: Callable[[Connection], T]) -> T:
        transaction = (conn := self._connect()).begin()
        try:
            value = run(conn)
            self._backend.before_commit(conn)
        except BaseException:
            with suppress(Exception):
                transaction.rollback()
            raise
        self._commit(transaction.commit)
        return value

    def _commit(self, commit: Callable[[], None]) -> None:
        try:
            commit()
        except DBAPIError as error:
            self._disconnect()
            if error.connection_invalidated:
                raise _CommitUnknown from error
            raise
        self.commits += 1

    def _fail(self, group: Sequence[TransactionJob], error: Exception) -> None:
        for job in group:
            job.value, job.error = None, self._explained(error)

    def _explained(self, error: Exception) -> Exception:
        explained = self._backend.explain(error)
        if explained is not error:
            explained.__cause__ = error
        return explained

    def _connect(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            with suppress(Exception):  # it may be broken, which is why it goes
                self._connection.close()
            self._connection = None


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

    def _perform(self, job: TransactionJob, conn: Connection | None) -> Connection | None:
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
