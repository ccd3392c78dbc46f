"""One keeper for all runs of a runner: one renewal, one look, and each run hears what concerns it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from saga_agent.clock import SystemClock
from saga_agent.domain.journal import Run
from saga_agent.runs.lease import Lease, LeaseKeeper, LeaseTimes
from saga_agent.runs.lease_clock import LeaseClock
from saga_agent.storage.adapter import Storage
from saga_agent.storage.sql.adapter import SqlStorage
from saga_agent.testing.faults import Fault, FaultPlan, FaultyStorage
from tests.acceptance.streams.worlds import eventually
from tests.turns import begin_turn

WATCHFUL = LeaseTimes(lease_seconds=30, renew_seconds=10, watch_seconds=0.01)
BRIEF = LeaseTimes(lease_seconds=0.5, renew_seconds=0.02, watch_seconds=0.01)
AGES = 1e12


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[SqlStorage]:
    async with SqlStorage(f"sqlite:///{tmp_path / 'saga.db'}") as opened:
        yield opened


def keeper_of(storage: Storage, times: LeaseTimes) -> LeaseKeeper:
    leases = storage.journal.leases
    return LeaseKeeper(leases, LeaseClock(SystemClock(), leases), times, runner="r")


async def hold(stack: ExitStack, storage: Storage, keeper: LeaseKeeper, *names: str) -> list[Lease]:
    runs = [await begin_turn(storage, name, lease_until=AGES) for name in names]
    return [stack.enter_context(keeper.hold(Lease(run))) for run in runs]


async def test_the_run_that_is_to_be_stopped_hears_it_and_no_other(storage: SqlStorage) -> None:
    with ExitStack() as stack:
        async with asyncio.timeout(10):
            leases = await hold(stack, storage, keeper_of(storage, WATCHFUL), "_a", "_b", "_c")

            await storage.journal.runs.request_stop("run_b")
            await leases[1].ended.wait()

        assert [lease.stop_requested for lease in leases] == [False, True, False]
        assert not any(lease.lost for lease in leases)


async def test_a_run_that_another_runner_took_is_lost(storage: SqlStorage) -> None:
    with ExitStack() as stack:
        async with asyncio.timeout(10):
            leases = await hold(stack, storage, keeper_of(storage, WATCHFUL), "_a", "_b", "_c")

            await storage.journal.runs.take("run_c", runner="other", lease_until=2 * AGES, now=1.5 * AGES)
            await leases[2].ended.wait()

        assert [lease.lost for lease in leases] == [False, False, True]


@pytest.mark.parametrize("verb", ["leases.held", "leases.renew"])
async def test_a_run_that_is_taken_here_in_the_middle_of_a_look_is_not_lost(storage: SqlStorage, verb: str) -> None:
    """What the look finds may be older or newer than what is known here."""
    plan = FaultPlan(Fault(verb, "slow", seconds=0.05))
    keeper = keeper_of(FaultyStorage(storage, plan), BRIEF)
    run = await begin_turn(storage, lease_until=AGES)
    queued = run.model_copy(update={"epoch": 0})
    with keeper.hold(Lease(queued)) as lease:
        async with asyncio.timeout(10):
            await eventually(lambda: plan.calls[verb] == 1)
            lease.take(run)
            await eventually(lambda: plan.calls[verb] > 2)

        assert not lease.ended.is_set()


async def test_a_run_that_is_being_taken_up_from_another_is_not_lost_before_it_is_taken(storage: SqlStorage) -> None:
    plan = FaultPlan()
    keeper = keeper_of(FaultyStorage(storage, plan), BRIEF)
    run = await begin_turn(storage, lease_until=AGES)
    left = await storage.journal.runs.take(run.id, runner="gone", lease_until=3 * AGES, now=2 * AGES)
    with keeper.hold(Lease(left)) as lease:
        async with asyncio.timeout(10):
            await eventually(lambda: min(plan.calls["leases.held"], plan.calls["leases.renew"]) > 2)

        assert not lease.ended.is_set()


async def test_many_runs_cost_one_look_and_one_renewal(storage: SqlStorage) -> None:
    plan = FaultPlan()
    with ExitStack() as stack:
        await hold(stack, storage, keeper_of(FaultyStorage(storage, plan), BRIEF), *(f"_{n}" for n in range(20)))
        commits = storage.database.commits
        async with asyncio.timeout(10):
            await eventually(lambda: plan.calls["leases.renew"] > 2 and plan.calls["leases.held"] > 2)

        assert storage.database.commits - commits <= plan.calls["leases.renew"]
        assert {verb for verb in plan.calls if verb.startswith("runs.")} == set()


async def test_when_one_of_several_runs_ends_the_others_are_kept(storage: SqlStorage) -> None:
    keeper = keeper_of(storage, BRIEF)
    with ExitStack() as stack:
        first, second = await hold(stack, storage, keeper, "_a", "_b")
        with keeper.hold(Lease(await begin_turn(storage, "_c", lease_until=AGES))):
            pass
        before = await until_of(storage, first.run)
        async with asyncio.timeout(10):
            while await until_of(storage, first.run) <= before or await until_of(storage, second.run) > AGES / 2:
                before = min(before, await until_of(storage, first.run))
                await asyncio.sleep(0.01)

        assert not first.ended.is_set()
        assert not second.ended.is_set()


async def until_of(storage: Storage, run: Run) -> float:
    return (await storage.journal.runs.get(run.id)).lease_until


async def test_nothing_is_renewed_or_looked_at_after_the_last_run_has_ended(storage: SqlStorage) -> None:
    before = asyncio.all_tasks()
    with ExitStack() as stack:
        await hold(stack, storage, keeper_of(storage, BRIEF), "_a", "_b")
        assert len(asyncio.all_tasks() - before) == 2
    async with asyncio.timeout(10):
        await eventually(lambda: asyncio.all_tasks() <= before)


async def test_a_keeper_that_rested_keeps_the_next_run(storage: SqlStorage) -> None:
    keeper = keeper_of(storage, BRIEF)
    with ExitStack() as stack:
        await hold(stack, storage, keeper, "_a")
    with ExitStack() as stack:
        (lease,) = await hold(stack, storage, keeper, "_b")
        async with asyncio.timeout(10):
            while await until_of(storage, lease.run) == AGES:  # noqa: ASYNC110 - no event tells
                await asyncio.sleep(0.01)
        assert not lease.ended.is_set()


async def test_a_lease_outlives_moments_without_storage_but_not_its_own_time(storage: SqlStorage) -> None:
    plan = FaultPlan(Fault("leases.renew", on=1), Fault("leases.held", on=1))
    keeper = keeper_of(FaultyStorage(storage, plan), BRIEF)
    with keeper.hold(Lease(await begin_turn(storage, "a", lease_until=AGES))) as lease:
        async with asyncio.timeout(10):
            await eventually(lambda: plan.calls["leases.renew"] > 2)
            assert not lease.ended.is_set()

            plan.add(Fault("leases.*"))
            await lease.ended.wait()

        assert lease.lost


async def test_a_look_that_takes_long_keeps_no_renewal_waiting(storage: SqlStorage) -> None:
    plan = FaultPlan(Fault("leases.held", "slow", seconds=60.0))
    keeper = keeper_of(FaultyStorage(storage, plan), BRIEF)
    with keeper.hold(Lease(await begin_turn(storage, "a", lease_until=AGES))):
        async with asyncio.timeout(10):
            await eventually(lambda: plan.calls["leases.renew"] > 2)
        assert plan.calls["leases.held"] == 1
