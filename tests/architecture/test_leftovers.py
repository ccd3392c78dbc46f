"""The guard against what tests leave behind, tried on what it is to find."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from saga_agent.app import Saga
from saga_agent.clock import SystemClock
from saga_agent.server.settings import ServerSettings
from saga_agent.server.sse import OpenStreams
from tests import leftovers


async def found(before: object) -> str:
    return "\n".join(leftovers.find() - before)  # pyright: ignore


async def test_a_task_is_found_until_it_has_ended():
    before, go = leftovers.find(), asyncio.Event()
    task = asyncio.create_task(go.wait(), name="left")

    assert "the task 'left'" in await found(before)

    go.set()
    await task
    assert await leftovers.find_new(before) == []


@pytest.mark.parametrize(
    ("database", "told"), [("memory://", "MemoryStorage._is_open"), ("sqlite+aiosqlite:///{}/saga.db", "saga-writer")]
)
async def test_a_storage_is_found_until_it_is_closed(tmp_path: Path, database: str, told: str):
    before = leftovers.find()
    saga = await Saga.open(database=database.format(tmp_path)).start()

    assert told in await found(before)

    await saga.close()
    assert await leftovers.find_new(before) == []


async def test_a_run_that_is_at_work_is_found_with_its_lease_and_its_stream():
    before = leftovers.find()
    async with Saga.open(database="memory://", model="offline:tps=1") as saga:
        project = await saga.story.projects.create(name="Crossing")
        run = await saga.send((await saga.threads.create(project_id=project.id)).id, "Who is Mara?")
        async for _ in run.chunks():
            break
        told = await found(before)
        await saga.stop(run.id)

    assert "Runner._tasks" in told
    assert "Runner._keeper._held" in told
    assert run.stream_id in told
    assert await leftovers.find_new(before) == []


async def test_a_seat_is_found_until_it_is_given_back():
    before = leftovers.find()
    streams = OpenStreams(ServerSettings(), SystemClock())
    with streams.seat("ada"):
        assert "OpenStreams._by_owner" in await found(before)

    assert await leftovers.find_new(before) == []
