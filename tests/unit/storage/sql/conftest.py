"""Databases to test on: a file, and a real PostgreSQL server that starts when a test first wants it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers.postgres import postgres_server


@pytest.fixture(scope="session")
def fresh_postgres() -> Iterator[Callable[[], str]]:
    """Gives the URL of an empty database."""
    with postgres_server() as fresh:
        yield fresh


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'saga.db'}"


@pytest.fixture
def postgres_url(fresh_postgres: Callable[[], str]) -> str:
    return fresh_postgres()


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def url(request: pytest.FixtureRequest) -> str:
    """An empty database of each engine."""
    return request.getfixturevalue(request.param)
