"""The databases that the scenarios are played on. One PostgreSQL database serves all tests, emptied before each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from saga_agent.storage.sql import schema
from saga_agent.storage.sql.engine.urls import backend_of
from tests.acceptance.streams.worlds import World
from tests.servers.postgres import postgres_server


@pytest.fixture(scope="session")
def postgres_database() -> Iterator[str]:
    """The URL of a database with our tables, on a real server."""
    with postgres_server() as fresh:
        schema.prepare(backend_of(url := fresh()))
        yield url


@pytest.fixture
def postgres_url(postgres_database: str) -> str:
    """The same database, all tables empty."""
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        names = ", ".join(name for (name,) in found if name != schema.VERSION_TABLE)
        connection.execute(f"TRUNCATE {names} CASCADE")  # pyright: ignore
    return postgres_database


async def open_world(kind: str, request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[World]:
    urls = {"memory": None, "sqlite": f"sqlite:///{folder / 'saga.db'}"}
    url = request.getfixturevalue("postgres_url") if kind == "postgres" else urls[kind]
    world = World(marks=folder / "marks", url=url)
    yield world
    await world.close()


POSTGRES = pytest.param("postgres", marks=pytest.mark.slow)  # its server takes long to come and go


@pytest.fixture(params=["memory", "sqlite", POSTGRES])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """Every adapter in turn."""
    async for world in open_world(request.param, request, tmp_path):
        yield world


@pytest.fixture(params=["sqlite", POSTGRES])
async def shared(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """The adapters that several processes can share."""
    async for world in open_world(request.param, request, tmp_path):
        yield world
