"""A run stays with its holder while that lives, whatever clocks say, and with those who have what it needs."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path

import pytest

from saga_agent.app import Saga
from saga_agent.domain import chunks as c
from saga_agent.errors import InvalidInput
from saga_agent.models.script import Call, Say, Turn, Wait
from saga_agent.models.scripted import ScriptedModel
from saga_agent.runs.lease import LeaseTimes
from saga_agent.runs.settings import RunSettings
from saga_agent.storage.adapter import Storage
from saga_agent.testing.clock import FakeClock
from saga_agent.testing.faults import Fault, FaultPlan
from tests.acceptance.streams.cast import AGENTS, marking_tools
from tests.acceptance.streams.worlds import World, eventually, first, reap, send, settled
from tests.conformance.host_documents import HostDocuments


class WrongClock:
    """The machine's clock, set wrong by so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def now(self) -> float:
        return time.time() + self._seconds

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def test_a_run_that_waits_for_its_turn_stays_with_its_holder(world: World) -> None:
    """However long it is queued; and it is begun once."""
    go_on, clock = asyncio.Event(), FakeClock()
    busy = await world.open(Turn(Wait(go_on), Say("One.")), Turn(Say("Two.")), clock=clock, live_turns=1)
    idle = await world.open(Say("Not mine."), clock=clock)
    one, two = await send(busy), await send(busy)
    await eventually(lambda: busy._engine.runner._leases[one.id].run.epoch == 1)

    for _ in range(20):
        await clock.advance(5.0)
        await eventually(lambda: busy._engine.runner._keeper.renewed_at == clock.now())
        assert await idle.reaper.reap() == []
    assert (await two.state()).state == "queued"
    go_on.set()

    assert [(await run.result()).text for run in (one, two)] == ["One.", "Two."]
    assert [(await run.state()).epoch for run in (one, two)] == [1, 1]


async def test_a_queued_run_whose_holder_is_gone_is_taken_up(world: World) -> None:
    clock = FakeClock()
    gone = await world.open(Turn(Wait(asyncio.Event())), clock=clock, live_turns=1)
    runs = [await send(gone), await send(gone)]
    await eventually(lambda: gone._engine.runner._leases[runs[0].id].run.epoch == 1)
    await gone._engine.runner.close()
    other = await world.open(Turn(Say("Here.")), Turn(Say("Here.")), clock=clock)

    found = await reap(other)

    assert {run.id for run in found} == {run.id for run in runs}
    assert [(await run.result()).text for run in runs] == ["Here.", "Here."]


@pytest.mark.parametrize("seconds", [20.0, -20.0, 3600.0])
async def test_a_clock_that_is_wrong_takes_no_run_away(
    world: World, seconds: float, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither one that is ahead of the holder's, nor the holder's own when it is behind."""
    go_on = asyncio.Event()
    working = await world.open(Turn(Wait(go_on), Say("Mine.")), clock=WrongClock(min(seconds, 0.0)))
    with caplog.at_level(logging.WARNING):
        other = await world.open(Say("Not mine."), clock=WrongClock(max(seconds, 0.0)))
        run = await send(working)
        await eventually(lambda: working._engine.runner._leases[run.id].run.epoch == 1)
        assert await other.reaper.reap() == []
    go_on.set()

    assert (await run.result()).text == "Mine."
    if seconds > 0:
        assert "s ahead of the database's, which leases go by; set the clock right" in caplog.text


async def test_a_run_in_its_own_name_that_is_not_under_way_is_taken_up_again(world: World) -> None:
    """Its end could not be stored; nobody else may have it while this process keeps its leases."""
    clock, plan, never = FakeClock(), FaultPlan(Fault("runs.finish")), asyncio.Event()
    saga = await world.open(Turn(Say("Done.")), Turn(Wait(never)), Turn(Say("Done.")), clock=clock, plan=plan)
    stray = await send(saga)
    await saga._engine.runner.wait(stray.id)
    await send(saga)
    plan.clear()
    await clock.advance(LeaseTimes().renew_seconds)
    await eventually(lambda: saga._engine.runner._keeper.renewed_at == clock.now())
    other = await world.open(clock=clock)
    assert await other.reaper.reap() == []

    assert [run.id for run in await reap(saga)] == [stray.id]

    assert (await stray.state()).state == "finished"


async def test_a_run_on_the_hosts_own_ports_is_left_to_the_host(world: World, tmp_path: Path) -> None:
    """A process without them would fail it for good."""

    async def host(*steps: Turn) -> Saga:
        storage = Storage.compose(story={"documents": HostDocuments(tmp_path / "host.db")}, rest=world.storage())
        tools = marking_tools(world.marks)
        saga = Saga.open(
            storage=storage, model=ScriptedModel(steps), agents=AGENTS, tools=tools, runs=RunSettings(works=False)
        )
        world.opened.append(saga)
        return await saga.start()

    sender = await host(Turn(Say("Half "), Wait(asyncio.Event())))
    run = await send(sender)
    await first(run.chunks(), lambda chunk: isinstance(chunk, c.TextDelta))
    await sender._engine.runner.close()
    foreign = await world.open(Say("Not mine."))

    assert await foreign.reaper.reap() == []
    with pytest.raises(InvalidInput, match="the host's own documents; resume it where the host runs"):
        await foreign.resume(run.id)
    assert (await run.state()).epoch == 1

    again = await host(Turn(Say("Whole.")))
    await reap(again)
    stored, message = await settled(again, run.id)
    assert (stored.state, message.text) == ("finished", "Whole.")


async def test_a_look_from_before_a_pause_begins_nothing(world: World) -> None:
    """Who looks after a child may be told that it is at work when it has just come to wait."""
    saga = await world.open(Turn(calls=[Call("write_mark", {"name": "x"})]))
    run = await send(saga)
    [chunk async for chunk in run.chunks()]
    runner, waiting = saga._engine.runner, await run.state()
    await runner.wait(run.id)

    runner.take_up(waiting.model_copy(update={"state": "running", "runner": runner.name}))
    await runner.wait(run.id)

    assert await run.state() == waiting
    assert waiting.epoch == 1
