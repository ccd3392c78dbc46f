"""What holds when several storages, or processes, have one database open."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable
from functools import partial
from pathlib import Path

import pytest

from saga_agent.errors import InvalidInput
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.sql.adapter import SqlStorage
from saga_agent.testing.storage import MakeDatabase, OpenStorage, SharedCheck, shared_checks

HANDLES = list(shared_checks())
PROCESSES = list(shared_checks(processes=True))


def opening(open_storage: OpenStorage) -> MakeDatabase:
    @contextlib.asynccontextmanager
    async def make() -> AsyncGenerator[OpenStorage]:
        yield open_storage

    return make


def on_sqlite(folder: Path) -> MakeDatabase:
    return opening(partial(SqlStorage, f"sqlite:///{folder / 'saga.db'}"))


@pytest.mark.parametrize("check", HANDLES, ids=lambda check: check.name)
async def test_two_handles_on_sqlite_keep(check: SharedCheck, tmp_path: Path) -> None:
    await check.run(on_sqlite(tmp_path))


async def test_two_processes_on_sqlite_keep_a_record(tmp_path: Path) -> None:
    (check,) = shared_checks(["documents"], processes=True)

    await check.run(on_sqlite(tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("check", PROCESSES, ids=lambda check: check.name)
async def test_two_processes_on_sqlite_keep(check: SharedCheck, tmp_path: Path) -> None:
    await check.run(on_sqlite(tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("check", [*HANDLES, *PROCESSES], ids=lambda check: check.name)
async def test_handles_and_processes_on_postgresql_keep(check: SharedCheck, fresh_postgres: Callable[[], str]) -> None:
    await check.run(opening(partial(SqlStorage, fresh_postgres())))


@pytest.mark.parametrize("check", HANDLES, ids=lambda check: check.name)
async def test_handles_that_see_only_their_own_rows_are_caught(check: SharedCheck) -> None:
    with pytest.raises(AssertionError, match=f"^{check.name}: "):
        await check.run(opening(MemoryStorage))


@pytest.mark.slow
@pytest.mark.parametrize("port", ["documents", "journal.runs"])
async def test_processes_that_see_only_their_own_rows_are_caught(port: str) -> None:
    (check,) = shared_checks([port], processes=True)

    with pytest.raises(AssertionError, match=f"^{check.name}: "):
        await check.run(opening(MemoryStorage))


def test_a_port_without_such_checks_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"'journal\.audit' has no checks of shared data"):
        shared_checks(["journal.audit"])
