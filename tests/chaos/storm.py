"""The storm: worker processes that are killed at random, and the calm after it, in which all runs must end."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from saga_agent.app import Saga, build_storage
from saga_agent.runs.settings import RunSettings
from saga_agent.storage.ports.journal import Journal
from saga_agent.testing.faults import FaultPlan
from tests.acceptance.server.serving import serving
from tests.chaos.invariants import Verdict, check
from tests.chaos.nursery import Nursery, open_nursery
from tests.chaos.play import TIMES
from tests.chaos.readers import Audience
from tests.chaos.worker import open_saga
from tests.chaos.writer import answer_all

CALM_SECONDS = 60.0
"""How long runs may take to end when nobody is killed any more: lease, reaper pass, and a few slow turns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """How hard it blows."""

    url: str
    folder: Path
    seconds: float
    seed: int
    workers: int = 2
    threads: int = 4
    fault_rate: float = 0.01
    lull_seconds: float = 2.0
    """The longest time between two kills."""
    kills: int | None = None
    """How many processes are killed; as many as there is time for, if None."""

    @property
    def owner(self) -> str:
        """Whose runs these are."""
        return f"chaos-{self.seed}"


async def storm(weather: Weather) -> Verdict:
    """Blows, calms down, and tells what held."""
    async with build_storage(weather.url):
        pass  # makes the database
    async with AsyncExitStack() as stack:
        writer = await stack.enter_async_context(Saga.open(database=weather.url, runs=RunSettings(times=TIMES)))
        served = await stack.enter_async_context(serving(writer, max_streams_per_owner=1_000))
        actor = writer.acting_as(weather.owner)
        audience = Audience(actor, weather.folder, "the writer's process", readers=2, url=served.url)
        answering = asyncio.create_task(answer_all(actor, writer.storage.journal))
        attending = asyncio.create_task(audience.attend())
        try:
            kills = await _blow(weather, random.Random(weather.seed))
            async with open_saga(weather.url, weather.folder, FaultPlan()) as calm:
                await wait_for_all(calm.storage.journal, weather.owner)
                left = await audience.drained(CALM_SECONDS)
                verdict = await check(calm.storage.journal, weather.owner, weather.folder)
                verdict.broken += [f"{reader} was told no end" for reader in left]
        finally:
            answering.cancel()
            attending.cancel()
            await asyncio.gather(answering, attending, return_exceptions=True)
    verdict.counts["kills"] = kills
    verdict.require(verdict.counts["rows"] > 0, "nothing happened")
    return verdict


async def _blow(weather: Weather, dice: random.Random) -> int:
    """Kills workers and begins others; how many were killed when it was over."""
    kills, ends_at = 0, time.monotonic() + weather.seconds
    async with open_nursery(weather.folder) as nursery:
        workers = [await _spawn(nursery, weather, dice) for _ in range(weather.workers)]
        while time.monotonic() < ends_at if weather.kills is None else kills < weather.kills:
            await asyncio.sleep(dice.uniform(0.2, weather.lull_seconds))
            victim = dice.randrange(len(workers))
            await nursery.kill(workers[victim])
            kills += 1
            workers[victim] = await _spawn(nursery, weather, dice)
        for worker in workers:
            await nursery.kill(worker)
    return kills


async def _spawn(nursery: Nursery, weather: Weather, dice: random.Random) -> int:
    """One more worker, with a seed of its own."""
    seed = dice.randrange(10**9)
    return await nursery.spawn(weather.url, weather.folder, weather.owner, seed, weather.threads, weather.fault_rate)


async def wait_for_all(journal: Journal, owner: str) -> None:
    """Returns when no run of the owner is live, or when it has taken too long."""
    ends_at = time.monotonic() + CALM_SECONDS
    while time.monotonic() < ends_at:
        if not await journal.runs.list(owner_id=owner, states=("queued", "running", "waiting"), limit=1):
            return
        await asyncio.sleep(0.2)
