"""The storage that fails on purpose."""

import pytest

from saga_agent.domain.journal import Thread
from saga_agent.errors import NotFound, StorageUnavailable
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.testing.faults import Fault, FaultPlan, FaultyStorage


def thread(name: str) -> Thread:
    return Thread(id=name, project_id="p", chat_id=name, created_at=0)


async def test_a_call_fails_before_or_after_it_happened_as_the_script_says() -> None:
    plan = FaultPlan(Fault("threads.create", on=1), Fault("threads.create", "after", on=2))
    async with FaultyStorage(MemoryStorage(), plan) as storage:
        for name in ("a", "b"):
            with pytest.raises(StorageUnavailable):
                await storage.journal.threads.create(thread(name))
        await storage.journal.threads.create(thread("c"))

        with pytest.raises(NotFound):
            await storage.journal.threads.get("a")
        assert (await storage.journal.threads.get("b")).id == "b"
        assert plan.calls == {"threads.create": 3, "threads.get": 2}
        assert plan.injected == {"threads.create before": 1, "threads.create after": 1}


async def test_a_slow_call_still_gives_its_result() -> None:
    plan = FaultPlan(Fault("threads.*", "slow", seconds=0.0))
    async with FaultyStorage(MemoryStorage(), plan) as storage:
        assert (await storage.journal.threads.create(thread("a"))).id == "a"
    assert plan.injected == {"threads.create slow": 1}


async def test_while_the_database_is_gone_nothing_reaches_it() -> None:
    plan = FaultPlan()
    async with FaultyStorage(MemoryStorage(), plan) as storage:
        with plan.disconnected():
            with pytest.raises(StorageUnavailable):
                await storage.journal.threads.create(thread("a"))
            with pytest.raises(StorageUnavailable):
                await storage.journal.runs.list()
        assert await storage.journal.threads.find("local", "a") is None


async def test_random_faults_are_the_same_for_a_seed_and_spare_what_they_should() -> None:
    async def outcomes(seed: int) -> list[bool]:
        plan = FaultPlan(rate=0.5, seed=seed, random_verbs=("threads.*",))
        seen: list[bool] = []
        async with FaultyStorage(MemoryStorage(), plan) as storage:
            for _ in range(40):
                await storage.journal.runs.list()
                try:
                    await storage.journal.threads.list("local")
                    seen.append(True)
                except StorageUnavailable:
                    seen.append(False)
        return seen

    assert await outcomes(1) == await outcomes(1)
    assert await outcomes(1) != await outcomes(2)
    assert set(await outcomes(1)) == {True, False}


async def test_a_plan_that_is_cleared_lets_everything_through() -> None:
    plan = FaultPlan(Fault("*"), rate=1.0)
    plan.connected = False
    plan.clear()
    async with FaultyStorage(MemoryStorage(), plan) as storage:
        await storage.journal.threads.create(thread("a"))
    assert not plan.injected


async def test_what_asks_nothing_of_the_database_is_left_alone() -> None:
    async with FaultyStorage(MemoryStorage(), FaultPlan(Fault("*"))) as storage:
        storage.journal.streams.listen("stream", lambda: None)()
