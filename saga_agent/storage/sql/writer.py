"""The one writer: a thread that owns one connection and commits whatever waits in one transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol, TypeVar, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from saga_agent.errors import StorageUnavailable
from saga_agent.storage.sql.backend import Backend
from saga_agent.storage.sql.jobs import Job, JobQueue, settle

T = TypeVar("T")
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

    def _take(self) -> tuple[list[Job], bool]:
        """The jobs that wait (at least one, unless it is time to close), and whether to close after them."""
        first = self._jobs.take()
        if first is None:
            return [], True
        more, closing = self._jobs.take_more(self._backend.group_limit - 1)
        return [first, *more], closing

    def _perform(self, group: Sequence[Job]) -> None:
        if len(group) > 1:
            try:
                return self._together(group)
            except _CommitUnknown as error:
                return self._fail(group, error)
            except Exception:  # whatever it was, each job meets it, or not, by itself
                self._disconnect()
        for job in group:
            job.value, job.error = self._alone(job)

    def _together(self, group: Sequence[Job]) -> None:
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

    def _within(self, conn: Connection, raw: _Executes, job: Job) -> None:
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

    def _alone(self, job: Job) -> tuple[object, Exception | None]:
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

    def _fail(self, group: Sequence[Job], error: Exception) -> None:
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
