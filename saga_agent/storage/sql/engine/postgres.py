"""PostgreSQL through psycopg 3, which is imported only when such a database is used."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError

from saga_agent.errors import InvalidInput, MissingExtra, StorageCorrupt, StorageError, StorageUnavailable
from saga_agent.storage.sql.engine.backend import as_input_error
from saga_agent.storage.sql.engine.news import News, PostgresNews, announce

LOCK_TIMEOUT_SECONDS = 5
_CONNECT_TIMEOUT_SECONDS = 10
_SCHEMA_LOCK = 0x5A6A
_DEADLOCK, _SERIALIZATION, _LOCK_NOT_AVAILABLE = "40P01", "40001", "55P03"


class PostgresBackend:
    """A database on a PostgreSQL server."""

    # A transaction with more than 64 subtransactions makes every other session look them up on disk.
    group_limit = 60
    upgrades_on_open = False
    is_read_only = False

    def __init__(self, url: URL) -> None:
        try:
            import psycopg  # the optional extra
        except ImportError as error:
            raise MissingExtra("PostgreSQL storage", "postgres") from error
        self._driver = psycopg
        self.driver_error: type[Exception] = psycopg.Error
        self.url = url.set(drivername="postgresql+psycopg")

    def writer_engine(self) -> Engine:
        return self._engine(read_only=False)

    def reader_engine(self) -> Engine:
        return self._engine(read_only=True)

    def exists(self) -> bool:
        return True

    def check_place(self) -> None:
        """Nothing to look at before the server is asked."""

    def lock_schema(self, conn: Connection) -> None:
        conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})")

    def news(self) -> News:
        return PostgresNews(self.url, self._driver)

    def before_commit(self, conn: Connection) -> None:
        announce(conn)

    def retire(self, conn: Connection) -> None:
        """Nothing to do: the server tidies up by itself."""

    def is_transient(self, error: Exception) -> bool:
        if isinstance(error, DBAPIError):
            return error.connection_invalidated or _state(error.orig) in (_DEADLOCK, _SERIALIZATION)
        return isinstance(error, self._driver.OperationalError) and _state(error) != _LOCK_NOT_AVAILABLE

    def explain(self, error: Exception) -> Exception:
        if isinstance(error, DBAPIError) and isinstance(error.orig, Exception):
            error = error.orig
        if isinstance(error, self._driver.Error):
            return self._explain(error)
        return as_input_error(error) or error

    def _engine(self, *, read_only: bool) -> Engine:
        # Readers see one state for the whole transaction; writers see what was committed, and lock rows they fence by.
        level = "REPEATABLE READ" if read_only else "READ COMMITTED"
        timeout = {"connect_timeout": _CONNECT_TIMEOUT_SECONDS}
        engine = create_engine(
            self.url, isolation_level=level, connect_args=timeout, hide_parameters=True, poolclass=NullPool
        )

        def configure(raw: Any, _record: object) -> None:
            raw.execute(f"SET lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'")
            raw.commit()
            raw.read_only = read_only

        event.listen(engine, "connect", configure)
        return engine

    def _explain(self, error: Exception) -> Exception:
        place, state = self._place(), _state(error)
        if state.startswith("XX"):
            return StorageCorrupt(f"{place} is damaged ({self._reason(error)}); restore it from a copy.")
        if state == _LOCK_NOT_AVAILABLE:
            return StorageUnavailable(
                f"{place} is busy: another session held a row for {LOCK_TIMEOUT_SECONDS} s; try again."
            )
        if state.startswith("22") or isinstance(error, self._driver.DataError):
            return InvalidInput(f"PostgreSQL cannot store a value: {self._reason(error)}.")
        if state == "25006":
            return StorageUnavailable(f"{place} is read-only ({self._reason(error)}); connect to the primary server.")
        if isinstance(error, self._driver.OperationalError):
            return StorageUnavailable(f"Cannot reach or use {place}: {self._reason(error)}.")
        return StorageError(f"{place} refused an operation: {self._reason(error)}.")

    def _place(self) -> str:
        host = self.url.host or self.url.query.get("host") or "localhost"
        return f"PostgreSQL database {self.url.database!r} at {host!r}"

    def _reason(self, error: Exception) -> str:
        text = (str(error).strip().splitlines() or ["no reason given"])[0].rstrip(".")
        password = self.url.password
        return text.replace(str(password), "***") if password else text


def _state(error: BaseException | None) -> str:
    return getattr(error, "sqlstate", None) or ""
