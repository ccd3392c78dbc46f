"""The storm: worker processes that are killed at random, and the calm after it, in which all runs must end."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from saga_agent.app import Saga, build_storage
from saga_agent.domain.requests import Deny
from saga_agent.errors import RunError
from saga_agent.storage.journal import Journal
from saga_agent.testing.faults import FaultPlan
from tests.chaos.invariants import Verdict, check
from tests.chaos.play import TIMES
from tests.chaos.worker import open_saga

ROOT = Path(__file__).parents[2]
CALM_SECONDS = 60.0
"""How long runs may take to end when nobody is killed any more: lease, reaper pass, and a few slow turns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """How hard it blows."""

    url: str
    folder: Path
    seconds: float
    seed: int
    workers: int = 3
    threads: int = 4
    fault_rate: float = 0.01
    kills: int | None = None
    """How many processes are killed; as many as there is time for, if None."""

    @property
    def owner(self) -> str:
        """Whose runs these are."""
        return f"chaos-{self.seed}"


async def storm(weather: Weather) -> Verdict:
    """Blows, calms down, and tells what held."""
    dice = random.Random(weather.seed)
    async with build_storage(weather.url):
        pass  # makes the database
    kills = 0
    workers = [await spawn(weather, dice) for _ in range(weather.workers)]
    async with Saga.open(database=weather.url, times=TIMES) as writer:
        answering = asyncio.create_task(deny_all(writer, weather.owner))
        ends_at = time.monotonic() + weather.seconds
        while time.monotonic() < ends_at if weather.kills is None else kills < weather.kills:
            victim = dice.randrange(len(workers))
            await at_work(workers[victim])
            await asyncio.sleep(dice.uniform(0.2, 2.0))
            await kill(workers[victim])
            kills += 1
            workers[victim] = await spawn(weather, dice)
        for worker in workers:
            await kill(worker)
        async with open_saga(weather.url, weather.folder, FaultPlan()) as calm:
            await wait_for_all(calm.storage.journal, weather.owner)
            verdict = await check(calm.storage.journal, weather.owner, weather.folder)
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)
    verdict.counts["kills"] = kills
    verdict.require(verdict.counts["rows"] > 0, "nothing happened")
    return verdict


async def spawn(weather: Weather, dice: random.Random) -> asyncio.subprocess.Process:
    """One more worker, with a seed of its own."""
    seed = dice.randrange(10**9)
    arguments = (weather.url, weather.folder, weather.owner, seed, weather.threads, weather.fault_rate)
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.chaos.worker", *map(str, arguments), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )


async def at_work(worker: asyncio.subprocess.Process) -> None:
    """Returns when the worker has said that it is at work; it says so once."""
    assert worker.stdout is not None
    if not worker.stdout.at_eof() and not await worker.stdout.readline():
        raise RuntimeError("a worker ended by itself; its complaint stands above")


async def kill(worker: asyncio.subprocess.Process) -> None:
    """SIGKILL."""
    with contextlib.suppress(ProcessLookupError):
        worker.kill()
    await worker.wait()


async def deny_all(saga: Saga, owner: str) -> None:
    """The writer: a tool whose process died in its middle asks whether to run again, and is told no."""
    actor = saga.acting_as(owner)
    while True:
        for run in await saga.storage.journal.runs.list(owner_id=owner, states=("waiting",), limit=1_000):
            requests = await actor.requests(run_id=run.id)
            if requests:
                with contextlib.suppress(RunError):
                    await actor.answer(run.id, {request.id: Deny() for request in requests})
        await asyncio.sleep(0.3)


async def wait_for_all(journal: Journal, owner: str) -> None:
    """Returns when no run of the owner is live, or when it has taken too long."""
    ends_at = time.monotonic() + CALM_SECONDS
    while time.monotonic() < ends_at:
        if not await journal.runs.list(owner_id=owner, states=("queued", "running", "waiting"), limit=1):
            return
        await asyncio.sleep(0.2)
