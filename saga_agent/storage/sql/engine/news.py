"""News of other processes: who waits for a stream is woken soon after somebody else's commit.

News is a hint and may come without cause; nothing depends on it but how soon a reader looks. SQLite is asked for its
`data_version`, a counter in shared memory that costs microseconds, while somebody waits. PostgreSQL tells by itself:
the writer adds one NOTIFY with the ids of all streams a group of jobs touched, and one connection listens.
Source: the fan-out measurements behind docs/decisions/0005-news-wakes-readers.md.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection

_log = logging.getLogger(__name__)
CHANNEL = "saga_streams"
_TOUCHED = "saga_touched_streams"
_MAX_PAYLOAD = 7_500
_SQLITE_EVERY_SECONDS = 0.02
_RECONNECT_SECONDS = 1.0

Wake = Callable[[], None]


class News(ABC):
    """Wakes those who wait for a stream when another process may have changed it."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[Wake]] = {}
        self._task: asyncio.Task[None] | None = None

    def listen(self, stream_id: str, wake: Wake) -> Wake:
        """Calls `wake`, in the running loop, at news of the stream; gives the function that ends it."""
        wakes = self._waiting.setdefault(stream_id, set())
        wakes.add(wake)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="news of other processes")

        def stop() -> None:
            wakes.discard(wake)
            if not wakes and self._waiting.get(stream_id) is wakes:
                del self._waiting[stream_id]

        return stop

    async def close(self) -> None:
        """Listens no more; may be repeated."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def tell(self, stream_ids: Iterable[str] | None = None) -> None:
        """Wakes those who wait for these streams, or all."""
        for stream_id in list(self._waiting) if stream_ids is None else stream_ids:
            for wake in list(self._waiting.get(stream_id, ())):
                wake()

    @abstractmethod
    async def _run(self) -> None:
        """Brings news until cancelled."""


class SqliteNews(News):
    """Looks at the file's `data_version` while somebody waits, and stops looking when nobody does."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    async def _run(self) -> None:
        await asyncio.sleep(_SQLITE_EVERY_SECONDS)  # most who listen look once and leave
        if not self._waiting:
            return
        connection = sqlite3.connect(self._path, isolation_level=None)
        try:
            seen: object = None
            while self._waiting:
                with suppress(sqlite3.OperationalError):
                    (version,) = connection.execute("PRAGMA data_version").fetchone()
                    if version != seen:
                        seen = version
                        self.tell()
                await asyncio.sleep(_SQLITE_EVERY_SECONDS)
        finally:
            connection.close()


class PostgresNews(News):
    """Listens on a connection of its own; whoever waits is woken after a reconnection too."""

    def __init__(self, url: URL, driver: Any) -> None:
        super().__init__()
        self._conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._driver = driver

    async def _run(self) -> None:
        while True:
            try:
                async with await self._driver.AsyncConnection.connect(self._conninfo, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self.tell()
                    async for notice in connection.notifies():
                        self.tell(notice.payload.split(",") if notice.payload else None)
            except self._driver.Error as error:
                _log.debug("news of other processes is interrupted: %s", type(error).__name__)
            await asyncio.sleep(_RECONNECT_SECONDS)


def touch(conn: Connection, stream_id: str) -> None:
    """Notes that this transaction changes the stream."""
    conn.info.setdefault(_TOUCHED, set()).add(stream_id)


def take_touched(conn: Connection) -> set[str]:
    """The streams noted since this was last asked."""
    touched: set[str] = conn.info.pop(_TOUCHED, set())
    return touched


def announce(conn: Connection) -> None:
    """Sends one NOTIFY with the ids of the touched streams (none at all: any stream), heard when the commit is done."""
    if touched := take_touched(conn):
        payload = ",".join(sorted(touched))
        conn.exec_driver_sql("SELECT pg_notify(%s, %s)", (CHANNEL, payload if len(payload) <= _MAX_PAYLOAD else ""))
