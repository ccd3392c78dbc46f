"""A saver over each storage that ships with the library."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from saga_agent.checkpoint.saver import StorageCheckpointer
from saga_agent.storage.adapter import Storage
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.ports.journal import Checkpoints
from saga_agent.storage.sql.adapter import SqlStorage
from saga_agent.storage.sql.tables.definitions import META
from tests.servers.postgres import postgres_server


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """One database for all tests: to make one for each would take minutes."""
    with postgres_server() as fresh:
        yield fresh()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Storage]:
    match request.param:
        case "memory":
            made: Storage = MemoryStorage()
        case "sqlite":
            made = SqlStorage(f"sqlite:///{tmp_path / 'saga.db'}")
        case _:
            made = SqlStorage(request.getfixturevalue("postgres_url"))
    async with made:
        if request.param == "postgres":
            empty(request.getfixturevalue("postgres_url"))
        yield made


def empty(url: str) -> None:
    names = ", ".join(table.name for table in META.sorted_tables)
    with psycopg.connect(url) as conn:
        conn.execute(f"TRUNCATE {names} CASCADE")  # pyright: ignore


@pytest.fixture
def checkpoints(storage: Storage) -> Checkpoints:
    return storage.journal.checkpoints


@pytest.fixture
def saver(checkpoints: Checkpoints) -> StorageCheckpointer:
    return StorageCheckpointer(checkpoints)
