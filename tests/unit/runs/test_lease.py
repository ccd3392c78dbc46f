"""One keeper for all runs of a runner: few looks, and each run hears what concerns it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from saga_agent.clock import SystemClock
from saga_agent.runs.lease import Lease, LeaseKeeper, LeaseTimes
from saga_agent.storage.sql.adapter import SqlStorage
from saga_agent.testing.faults import Fault, FaultPlan, FaultyStorage
from tests.acceptance.streams.worlds import eventually
from tests.turns import begin_turn

WATCHFUL = LeaseTimes(lease_seconds=30, renew_seconds=10, watch_seconds=0.01)
BRIEF = LeaseTimes(lease_seconds=0.2, renew_seconds=0.02, watch_seconds=0.01)


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[SqlStorage]:
    async with SqlStorage(f"sqlite:///{tmp_path / 'saga.db'}") as opened:
        yield opened


async def hold_three(stack: AsyncExitStack, storage: SqlStorage, keeper: LeaseKeeper) -> list[Lease]:
    return [
        await stack.enter_async_context(keeper.hold(await begin_turn(storage, name, lease_until=1e12)))
        for name in ("_a", "_b", "_c")
    ]


async def test_the_run_that_is_to_be_stopped_hears_it_and_no_other(storage: SqlStorage) -> None:
    async with AsyncExitStack() as stack, asyncio.timeout(10):
        leases = await hold_three(stack, storage, LeaseKeeper(storage.journal.runs, SystemClock(), WATCHFUL))

        await storage.journal.runs.request_stop("run_b")
        await leases[1].ended.wait()

        assert [lease.stop_requested for lease in leases] == [False, True, False]
        assert not any(lease.lost for lease in leases)


async def test_a_run_that_another_runner_took_is_lost(storage: SqlStorage) -> None:
    async with AsyncExitStack() as stack, asyncio.timeout(10):
        leases = await hold_three(stack, storage, LeaseKeeper(storage.journal.runs, SystemClock(), WATCHFUL))

        await storage.journal.runs.take("run_c", runner="other", lease_until=2e12, now=1.5e12)
        await leases[2].ended.wait()

        assert [lease.lost for lease in leases] == [False, False, True]


async def test_many_runs_cost_one_look(storage: SqlStorage) -> None:
    plan = FaultPlan()
    faulty = FaultyStorage(storage, plan)
    async with AsyncExitStack() as stack, asyncio.timeout(10):
        await hold_three(stack, storage, LeaseKeeper(faulty.journal.runs, SystemClock(), WATCHFUL))
        single = plan.calls["runs.get"]
        await eventually(lambda: plan.calls["runs.list"] > 2)

        assert plan.calls["runs.get"] == single


async def test_a_lease_outlives_moments_without_storage_but_not_its_own_time(storage: SqlStorage) -> None:
    plan = FaultPlan(Fault("runs.renew", on=1), Fault("runs.get", on=1))
    keeper = LeaseKeeper(FaultyStorage(storage, plan).journal.runs, SystemClock(), BRIEF)
    async with keeper.hold(await begin_turn(storage, "a", lease_until=1e12)) as lease, asyncio.timeout(10):
        await eventually(lambda: plan.calls["runs.renew"] > 2)
        assert not lease.ended.is_set()

        plan.add(Fault("runs.*"))
        await lease.ended.wait()

        assert lease.lost
