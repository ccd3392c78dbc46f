"""SQLite: one file, write-ahead log, every commit on the disk before it is acknowledged."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError

from saga_agent.errors import InvalidInput, StorageCorrupt, StorageError, StorageUnavailable
from saga_agent.storage.sql.engine.backend import as_input_error
from saga_agent.storage.sql.engine.news import News, SqliteNews, take_touched

BUSY_TIMEOUT_MS = 5000
LOCK_PATIENCE_SECONDS = 30.0
"""How long a write waits for other processes that write."""
_STEP_MS = 20
_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_PRAGMAS = (
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-16000",
)


class SqliteBackend:
    """A database file."""

    driver_error: type[Exception] = sqlite3.Error
    group_limit = 1000
    upgrades_on_open = True

    def __init__(self, url: URL) -> None:
        if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
            raise InvalidInput("SQLite needs the path of a file (sqlite:///saga.db); for memory use 'memory://'.")
        if sqlite3.sqlite_version_info < (3, 35):
            raise StorageUnavailable(f"SQLite {sqlite3.sqlite_version} is too old; 3.35 or newer is needed.")
        self.path = Path(url.database).expanduser().absolute()
        self._asked_read_only = url.query.get("mode") == "ro"
        query = {name: value for name, value in url.query.items() if name != "mode"}
        self.url = url.set(drivername="sqlite", database=str(self.path), query=query)

    @property
    def is_read_only(self) -> bool:
        """Whether `?mode=ro` says so, or the file or its folder is closed to writing."""
        return self._asked_read_only or (os.path.exists(self.path) and not self._may_write())

    def writer_engine(self) -> Engine:
        engine = self._engine()
        event.listen(engine, "connect", _configure_writer)
        event.listen(engine, "begin", _begin_immediate)
        return engine

    def reader_engine(self) -> Engine:
        engine = self._engine()
        event.listen(engine, "connect", _configure_reader)
        event.listen(engine, "begin", _begin_deferred)
        return engine

    def _engine(self) -> Engine:
        if not self.is_read_only:
            return create_engine(self.url, hide_parameters=True, poolclass=NullPool)
        return create_engine(self.url, hide_parameters=True, poolclass=NullPool, creator=self._connect_read_only)

    def _connect_read_only(self) -> sqlite3.Connection:
        # A reader of a write-ahead log needs files beside the database. Where there are none and none can be made,
        # nobody writes either, and SQLite may be told so.
        is_fixed = not os.access(self.path.parent, os.W_OK) and not os.path.exists(f"{self.path}-wal")
        place = f"{self.path.as_uri()}?mode=ro{'&immutable=1' if is_fixed else ''}"
        return sqlite3.connect(place, uri=True, check_same_thread=False)

    def _may_write(self) -> bool:
        return os.access(self.path, os.W_OK) and os.access(self.path.parent, os.W_OK)

    # os.path, unlike pathlib, takes a place that may not be looked at for one that is not there.
    def exists(self) -> bool:
        return os.path.exists(self.path)

    def check_place(self) -> None:
        path, folder = str(self.path), str(self.path.parent)
        if not os.path.isdir(folder):
            raise StorageUnavailable(f"Cannot open {path!r}: the folder {folder!r} is missing, or closed to you.")
        if os.path.isdir(path):
            raise StorageUnavailable(f"Cannot open {path!r}: it is a folder; name a file.")

    def lock_schema(self, conn: Connection) -> None:
        """Nothing to do: a writer's transaction holds the only write lock there is."""

    def news(self) -> News:
        return SqliteNews(self.path)

    def before_commit(self, conn: Connection) -> None:
        take_touched(conn)  # the file itself tells that it changed

    def retire(self, conn: Connection) -> None:
        driver(conn).execute("PRAGMA optimize")

    def is_transient(self, error: Exception) -> bool:
        return False

    def explain(self, error: Exception) -> Exception:
        if isinstance(error, DBAPIError) and isinstance(error.orig, Exception):
            error = error.orig
        if isinstance(error, sqlite3.Error):
            return self._explain(error)
        return as_input_error(error) or error

    def _explain(self, error: sqlite3.Error) -> StorageError:
        path, code = str(self.path), getattr(error, "sqlite_errorname", "")
        if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            return StorageCorrupt(f"{path!r} is damaged, or no SQLite database ({error}); restore it from a copy.")
        if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            waited = f"{LOCK_PATIENCE_SECONDS:g} s"
            return StorageUnavailable(f"{path!r} is locked by another process (waited {waited}); close it there.")
        if code.startswith("SQLITE_READONLY"):
            return StorageUnavailable(f"{path!r} is read-only; allow writing to the file and to its folder.")
        if code.startswith("SQLITE_FULL"):
            return StorageUnavailable(f"No space is left to write {path!r}.")
        if code.startswith(("SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_PERM", "SQLITE_AUTH")):
            return StorageUnavailable(f"Cannot open or use {path!r}: {error}.")
        return StorageError(f"{path!r} refused an operation: {error}.")


def driver(conn: Connection) -> sqlite3.Connection:
    """The driver's own connection below SQLAlchemy's."""
    raw = conn.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


def _configure_writer(raw: sqlite3.Connection, _record: object) -> None:
    _configure(raw)
    raw.execute("PRAGMA journal_mode=WAL")
    raw.execute(f"PRAGMA busy_timeout={_STEP_MS}")


def _configure_reader(raw: sqlite3.Connection, _record: object) -> None:
    _configure(raw)
    raw.execute("PRAGMA query_only=ON")


def _configure(raw: sqlite3.Connection) -> None:
    # The driver's own BEGIN comes late and loses updates; the listeners below say BEGIN instead.
    raw.isolation_level = None
    for pragma in _PRAGMAS:
        raw.execute(pragma)


def _begin_immediate(conn: Connection) -> None:
    """Takes the write lock, waiting in small steps while another process has it.

    SQLite's own wait asks ten times a second at last. Between two writes of a busy process lies less than a
    millisecond, so who asks so seldom hardly ever finds the lock free.
    """
    raw, until = driver(conn), time.monotonic() + LOCK_PATIENCE_SECONDS
    while True:
        try:
            raw.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode not in _LOCKED or time.monotonic() >= until:
                raise
        else:
            return


def _begin_deferred(conn: Connection) -> None:
    driver(conn).execute("BEGIN")
