"""Writes that wait together are committed together, and do not disturb each other."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Connection, text

from saga_agent.domain.project import Project
from saga_agent.errors import AlreadyExists, StorageUnavailable
from saga_agent.storage.sql.adapter import SqlStorage
from tests.turns import begin_turn


@pytest.fixture
async def storage(url: str) -> AsyncIterator[SqlStorage]:
    async with SqlStorage(url) as storage:
        yield storage


class Gate:
    """Holds the writer's thread, so that what is written meanwhile waits together."""

    def __init__(self, storage: SqlStorage) -> None:
        self._reached, self._open = threading.Event(), threading.Event()
        self._task = asyncio.ensure_future(storage.database.write(self._hold))

    async def __aenter__(self) -> None:
        assert await asyncio.to_thread(self._reached.wait, 10)

    async def __aexit__(self, *_: object) -> None:
        self._open.set()
        await self._task

    def _hold(self, conn: Connection) -> None:
        self._reached.set()
        assert self._open.wait(10)


def project(number: int) -> Project:
    return Project(id=f"p{number:03}", name="A book")


async def test_writes_that_wait_share_one_transaction(storage: SqlStorage):
    before = storage.database.commits
    async with Gate(storage):
        tasks = [asyncio.ensure_future(storage.story.projects.create(project(number))) for number in range(50)]
        await asyncio.sleep(0)

    await asyncio.gather(*tasks)

    assert storage.database.commits - before == 2, "one for the gate, one for all the others"
    assert len((await storage.story.projects.list("local")).items) == 50


async def test_a_job_that_fails_takes_nobody_with_it(storage: SqlStorage):
    await storage.story.projects.create(project(1))
    async with Gate(storage):
        tasks = [asyncio.ensure_future(storage.story.projects.create(project(number))) for number in range(3)]
        await asyncio.sleep(0)

    done = await asyncio.gather(*tasks, return_exceptions=True)

    assert done[0] == project(0)
    assert isinstance(done[1], AlreadyExists)
    assert done[2] == project(2)
    assert [each.id for each in (await storage.story.projects.list("local")).items] == ["p000", "p001", "p002"]


async def test_a_job_that_fails_half_way_leaves_nothing(storage: SqlStorage):
    def half(conn: Connection) -> None:
        conn.execute(text("INSERT INTO saga_projects (id, owner_id, rev, body) VALUES ('half', 'local', 1, '{}')"))
        raise LookupError("no")

    async with Gate(storage):
        failing = asyncio.ensure_future(storage.database.write(half))
        fine = asyncio.ensure_future(storage.story.projects.create(project(1)))
        await asyncio.sleep(0)

    with pytest.raises(LookupError):
        await failing
    await fine
    with pytest.raises(LookupError):
        await storage.database.write(half)
    assert [each.id for each in (await storage.story.projects.list("local")).items] == ["p001"]


async def test_appends_of_many_streams_share_transactions(storage: SqlStorage):
    runs = [await begin_turn(storage, str(number)) for number in range(20)]
    before = storage.database.commits
    async with Gate(storage):
        tasks = [
            asyncio.ensure_future(
                storage.journal.streams.append(run.stream_id, epoch=1, first_seq=1, chunks=["a", "b"])
            )
            for run in runs
        ]
        await asyncio.sleep(0)

    await asyncio.gather(*tasks)

    assert storage.database.commits - before == 2
    for run in runs:
        assert [row.chunk for row in await storage.journal.streams.read(run.stream_id)] == ["a", "b"]


async def test_a_cancelled_caller_leaves_no_lock_and_a_whole_write(sqlite_url: str):
    async with SqlStorage(sqlite_url) as storage:
        async with Gate(storage):
            task = asyncio.ensure_future(storage.story.projects.create(project(1)))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        await storage.story.projects.create(project(2))

        with sqlite3.connect(storage.path or "", timeout=0) as other:
            other.execute("BEGIN IMMEDIATE")
            found = other.execute("SELECT id FROM saga_projects ORDER BY id").fetchall()
        other.close()
        assert found == [("p001",), ("p002",)]


async def test_closing_finishes_what_waits(url: str):
    storage = SqlStorage(url)
    await storage.open()
    tasks = [asyncio.ensure_future(storage.story.projects.create(project(number))) for number in range(20)]
    await asyncio.sleep(0)
    await storage.close()

    await asyncio.gather(*tasks)
    await storage.close()
    async with storage:
        assert len((await storage.story.projects.list("local")).items) == 20


async def test_a_storage_that_is_not_open_says_so(sqlite_url: str):
    storage = SqlStorage(sqlite_url)
    for verb in (storage.story.projects.get("p"), storage.story.projects.create(project(1))):
        with pytest.raises(StorageUnavailable, match="not open"):
            await verb


async def test_loops_in_several_threads_share_the_writer(storage: SqlStorage):
    def in_a_loop_of_its_own(number: int) -> None:
        asyncio.run(storage.story.projects.create(project(number)))

    await asyncio.gather(*(asyncio.to_thread(in_a_loop_of_its_own, number) for number in range(4)))

    assert len((await storage.story.projects.list("local")).items) == 4


async def test_a_reader_cannot_write(storage: SqlStorage):
    def write(conn: Connection) -> None:
        conn.execute(text("DELETE FROM saga_projects"))

    with pytest.raises(StorageUnavailable, match="read-only"):
        await storage.database.read(write)
