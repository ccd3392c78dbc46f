"""What only a server can do to us: connections that die, and rows that others hold."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from saga_agent.domain.project import Project
from saga_agent.errors import StaleEpoch, StorageUnavailable
from saga_agent.storage.sql.adapter import SqlStorage
from tests.turns import begin_turn


def _cut_all_connections(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def test_lost_connections_are_replaced_without_a_word(postgres_url: str):
    async with SqlStorage(postgres_url) as storage:
        for number in range(3):
            names = [f"p{number}{letter}" for letter in "abc"]
            await asyncio.gather(*(storage.story.projects.create(Project(id=name, name="A book")) for name in names))
            assert (await storage.story.projects.get(names[0])).name == "A book"
            _cut_all_connections(postgres_url)

        await storage.story.projects.create(Project(id="single", name="A book"))
        assert len((await storage.story.projects.list("local")).items) == 10


async def test_a_deadlock_is_run_again_until_it_is_none(postgres_url: str):
    """Two storages change the same two runs, each in one group, in opposite order."""
    async with SqlStorage(postgres_url) as one, SqlStorage(postgres_url) as two:
        runs = [await begin_turn(one, name) for name in "ab"]
        for _ in range(20):
            stops = [
                storage.journal.runs.request_stop(run.id)
                for storage, order in ((one, runs), (two, runs[::-1]))
                for run in order
            ]
            done = await asyncio.gather(*stops)
            assert all(run.stop_requested for run in done)


async def test_the_fence_holds_between_processes(postgres_url: str):
    """A take-over that commits while an append is under way either comes after it, or refuses it."""
    async with SqlStorage(postgres_url) as old, SqlStorage(postgres_url) as new:
        for number in range(20):
            run = await begin_turn(old, str(number))
            await old.journal.runs.renew(run.id, epoch=1, lease_until=0.0)
            append = old.journal.streams.append(run.stream_id, epoch=1, first_seq=1, chunks=["old"])
            take = new.journal.runs.take(run.id, runner="new", lease_until=1e12, now=2.0)
            refused, taken = await asyncio.gather(append, take, return_exceptions=True)
            rows = await new.journal.streams.read(run.stream_id)
            assert not isinstance(taken, BaseException)
            assert (refused is None and [row.chunk for row in rows] == ["old"]) or (
                isinstance(refused, StaleEpoch) and rows == []
            )


@pytest.mark.slow
async def test_a_row_that_another_session_holds_is_reported(postgres_url: str):
    async with SqlStorage(postgres_url) as storage:
        run = await begin_turn(storage, "a")
        with psycopg.connect(postgres_url) as other:
            other.execute("SELECT 1 FROM saga_runs WHERE id = %s FOR UPDATE", (run.id,))
            with pytest.raises(StorageUnavailable, match="busy"):
                await storage.journal.runs.request_stop(run.id)
        assert (await storage.journal.runs.request_stop(run.id)).stop_requested
