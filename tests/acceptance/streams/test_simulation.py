"""Whatever befalls a turn and its runners: who was not cut off was told the beginning of the answer, or all of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from saga_agent.storage.adapter import Storage
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.sql.adapter import SqlStorage
from tests.acceptance.streams import virtual_time
from tests.acceptance.streams.simulation import Play, World, problem_of
from tests.servers.postgres import postgres_server


async def problems_of(storage: Storage, world: World) -> list[str]:
    async with storage:
        turn = Play(storage, world)
        written = await turn.run()
        assert turn.told, "nobody was told anything"
        return [found for told in turn.told if (found := problem_of(told, written))]


def play(seeds: range) -> dict[int, list[str]]:
    """The problems by seed, on the reference and in time that jumps."""
    found = {seed: virtual_time.run(problems_of(MemoryStorage(), World(seed=seed))) for seed in seeds}
    return {seed: problems for seed, problems in found.items() if problems}


def test_what_a_reader_was_told_is_the_beginning_of_the_answer() -> None:
    assert play(range(60)) == {}


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 4000, 500))
def test_what_a_reader_was_told_is_the_beginning_of_the_answer_under_thousands_of_seeds(first: int) -> None:
    assert play(range(first, first + 500)) == {}


@pytest.mark.parametrize("seed", range(2))
async def test_it_is_so_on_sqlite(seed: int, tmp_path: Path) -> None:
    world = World(seed=seed, pace_seconds=0.05)

    assert await problems_of(SqlStorage(f"sqlite:///{tmp_path / 'saga.db'}"), world) == []


@pytest.mark.slow
async def test_it_is_so_on_sqlite_and_postgresql_in_many_turns(tmp_path: Path) -> None:
    async def one(url: str, seed: int) -> list[str]:
        return await problems_of(SqlStorage(url), World(seed=seed, pace_seconds=0.1))

    with postgres_server() as fresh:
        for seed in range(100, 124, 4):
            urls = [f"sqlite:///{tmp_path / f'{seed}.db'}", *(fresh() for _ in range(3))]
            found = await asyncio.gather(*(one(url, seed + number) for number, url in enumerate(urls)))
            assert found == [[], [], [], []], f"seeds from {seed}"
