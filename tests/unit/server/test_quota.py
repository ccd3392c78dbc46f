"""What guests may spend."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from saga_agent.app import Saga
from saga_agent.domain.accounts import AccountSpending
from saga_agent.domain.journal import Run, Usage
from saga_agent.models.scripted import ScriptedModel
from saga_agent.runs.settings import RunSettings
from saga_agent.server.problems import Refused
from saga_agent.server.quota import Trial, TrialSettings
from saga_agent.testing.clock import FakeClock
from saga_agent.testing.storage import turns

LIMITS = TrialSettings(turn_usd=0.10, guest_usd=0.30, address_usd_per_day=0.50, all_usd_per_day=0.90)
HOME = "203.0.113.7/32"
NOW = 1_800_000_000.0  # 2027-01-15, 08:00 UTC
DAY = "guests/2027-01-15"


@pytest.fixture(params=["memory", "sqlite"])
async def saga(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Saga]:
    database = "memory://" if request.param == "memory" else f"sqlite:///{tmp_path}/saga.db"
    async with Saga.open(database=database, model=ScriptedModel([]), runs=RunSettings(works=False)) as saga:
        yield saga


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(start=NOW)


@pytest.fixture
def trial(saga: Saga, clock: FakeClock) -> Trial:
    return Trial(saga.storage.journal, LIMITS, clock)


async def reserve_and_start(trial: Trial, guest_id: str, address: str = HOME) -> None:
    async with trial.allowance(guest_id, address).turn("chat"):
        pass


async def a_run(saga: Saga, guest_id: str, number: int = 1) -> Run:
    """A run of theirs that is at work."""
    thread = turns.thread(number, owner_id=guest_id)
    await saga.storage.journal.threads.create(thread)
    turn = turns.turn(number, of=thread)
    run = await saga.storage.journal.runs.start(turn, now=NOW)
    return await turns.take(saga.storage, run)


async def end(saga: Saga, run: Run, *costs: float | None, at: float = NOW + 1) -> None:
    usage = [
        Usage(run_id=run.id, step=step, model="m", input_tokens=1, output_tokens=1, cost_usd=cost, created_at=at)
        for step, cost in enumerate(costs)
    ]
    await saga.storage.journal.runs.finish(
        run.id, epoch=run.epoch, state="finished", parts=(), metadata={}, reason="", usage=usage, now=at
    )


async def test_a_turn_is_settled_at_what_it_cost(saga: Saga, trial: Trial):
    run = await a_run(saga, "g1")
    await reserve_and_start(trial, "g1")
    await end(saga, run, 0.02, 0.015)

    await reserve_and_start(trial, "g1")

    spent = AccountSpending(spent_microusd=35_000, reserved_microusd=100_000)
    for account in ("guest/g1", f"address/{HOME}/2027-01-15", DAY):
        assert await saga.storage.journal.quota.get(account) == spent


async def test_a_turn_of_unknown_price_costs_what_was_reserved(saga: Saga, trial: Trial):
    run = await a_run(saga, "g1")
    await reserve_and_start(trial, "g1")
    await end(saga, run, 0.02, None)

    await reserve_and_start(trial, "g1")

    assert (await saga.storage.journal.quota.get(DAY)).spent_microusd == 100_000


async def test_what_was_spent_before_is_not_booked_twice(saga: Saga, trial: Trial):
    run = await a_run(saga, "g1")
    await end(saga, run, 0.07, at=NOW - 1)
    await reserve_and_start(trial, "g1")

    await reserve_and_start(trial, "g1")

    assert (await saga.storage.journal.quota.get(DAY)).spent_microusd == 0


async def test_a_guest_has_one_turn_at_a_time(saga: Saga, trial: Trial):
    run = await a_run(saga, "g1")
    await reserve_and_start(trial, "g1")

    with pytest.raises(Refused, match="still being written"):
        await reserve_and_start(trial, "g1")
    await reserve_and_start(trial, "g2")

    await end(saga, run)
    await reserve_and_start(trial, "g1")


async def test_a_turn_that_never_began_costs_nothing(saga: Saga, trial: Trial):
    with pytest.raises(RuntimeError):
        async with trial.allowance("g1", HOME).turn("chat"):
            raise RuntimeError("the message was empty")

    await reserve_and_start(trial, "g1")

    assert (await saga.storage.journal.quota.get("guest/g1")).spent_microusd == 0


async def test_the_turn_of_a_process_that_died_is_let_go_after_a_while(saga: Saga, trial: Trial, clock: FakeClock):
    """It was reserved, and the process died before it could begin."""
    await trial.reserve("g1", HOME)

    with pytest.raises(Refused, match="still being written"):
        await reserve_and_start(trial, "g1")
    await clock.advance(60)

    await reserve_and_start(trial, "g1")


async def test_each_limit_holds(saga: Saga, trial: Trial, clock: FakeClock):
    async def spend(guest_id: str, address: str, usd: float) -> None:
        reservation = await trial.reserve(guest_id, address)
        await saga.storage.journal.quota.settle(reservation.id, spent_microusd=round(usd * 1e6))

    await spend("g1", HOME, 0.21)
    with pytest.raises(Refused, match=r"^Your trial is used up"):
        await trial.reserve("g1", "198.51.100.1/32")
    await spend("g2", HOME, 0.21)
    with pytest.raises(Refused, match=r"^Your trial is used up"):
        await trial.reserve("g3", HOME)
    for number in range(4):
        await spend(f"h{number}", f"198.51.100.{number}/32", 0.10)
    with pytest.raises(Refused, match="so many guests today") as refused:
        await trial.reserve("h9", "198.51.100.9/32")
    assert refused.value.status == 429

    await clock.advance(86_400)
    await trial.reserve("h9", "198.51.100.9/32")
    with pytest.raises(Refused, match=r"^Your trial is used up"):
        await trial.reserve("g1", "198.51.100.1/32")


async def test_of_fifty_starts_on_the_last_credit_one_gets_it(saga: Saga, trial: Trial, clock: FakeClock):
    for number in range(8):
        reservation = await trial.reserve(f"h{number}", f"198.51.100.{number}/32")
        await saga.storage.journal.quota.settle(reservation.id, spent_microusd=100_000)
    processes = [Trial(saga.storage.journal, LIMITS, clock) for _ in range(5)]

    outcomes = await asyncio.gather(
        *(processes[n % 5].reserve(f"g{n}", f"203.0.113.{n}/32") for n in range(50)), return_exceptions=True
    )

    assert len([each for each in outcomes if not isinstance(each, Refused)]) == 1
    assert await saga.storage.journal.quota.get(DAY) == AccountSpending(
        spent_microusd=800_000, reserved_microusd=100_000
    )


async def test_of_fifty_starts_of_one_guest_one_begins(trial: Trial):
    outcomes = await asyncio.gather(*(trial.reserve("g1", HOME) for _ in range(50)), return_exceptions=True)

    assert len([each for each in outcomes if not isinstance(each, Refused)]) == 1


async def test_a_crowd_of_idle_reservations_is_swept_when_there_is_no_room(saga: Saga, trial: Trial):
    for number in range(9):
        await reserve_and_start(trial, f"g{number}", f"198.51.100.{number}/32")

    await reserve_and_start(trial, "late", HOME)

    assert await saga.storage.journal.quota.get(DAY) == AccountSpending(reserved_microusd=100_000)


async def test_guests_get_only_the_agents_that_are_for_them(trial: Trial):
    with pytest.raises(Refused, match="'draft' is not for guests") as refused:
        async with trial.allowance("g1", HOME).turn("draft"):
            raise AssertionError("it began")

    assert refused.value.status == 403
