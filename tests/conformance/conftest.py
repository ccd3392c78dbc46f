"""One PostgreSQL server and database for all checks, started only when a check wants it; each check has a schema."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests.servers.postgres import postgres_server


@pytest.fixture(scope="session")
def fresh_postgres() -> Iterator[Callable[[], str]]:
    """Gives the URL of an empty schema; a schema is made in milliseconds, a database in a fifth of a second."""
    numbers = itertools.count(1)
    with postgres_server() as fresh, psycopg.connect(url := fresh(), autocommit=True) as connection:
        # No check pulls the plug; without this the server would sync tens of thousands of files to end.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")

        def fresh_schema() -> str:
            name = f"check_{next(numbers)}"
            connection.execute(f"CREATE SCHEMA {name}")  # pyright: ignore
            return f"{url}&options=-csearch_path%3D{name}"

        yield fresh_schema
