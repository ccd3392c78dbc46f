"""Who waits for a place among the live turns, is told where, and is let through in the order of coming."""

from __future__ import annotations

import asyncio

import pytest

from saga_agent.domain import chunks as c
from saga_agent.domain.record import JsonObject
from saga_agent.errors import RunFailed
from saga_agent.models.script import Call, Say, Turn, Wait
from saga_agent.runs.handle import RunHandle
from saga_agent.runs.settings import RunSettings
from saga_agent.testing.clock import FakeClock
from tests.acceptance.streams.worlds import eventually, first
from tests.unit.runs.opening import Open


async def listen(run: RunHandle, told: list[JsonObject]) -> str:
    """The run's text; its places in the line come into `told` as they are heard."""
    text = ""
    async for chunk in run.chunks():
        if isinstance(chunk, c.Data):
            assert chunk.transient
            told.append({chunk.type: chunk.data})
        elif isinstance(chunk, c.TextDelta):
            text += chunk.delta
    return text


def place(number: int) -> JsonObject:
    return {"data-queue": {"position": number}}


async def test_runs_are_let_in_one_after_the_other_and_told_their_place(open_saga: Open) -> None:
    clock, gates = FakeClock(), [asyncio.Event() for _ in range(3)]
    steps = [Turn(Wait(gate), Say(f"{number}.")) for number, gate in enumerate(gates)]
    saga, _ = await open_saga(*steps, runs=RunSettings(clock=clock, live_turns=1, works=False))
    project = await saga.story.projects.create(name="Crowd")
    runs = [await saga.send((await saga.threads.create(project_id=project.id)).id, "Go") for _ in gates]
    told: list[list[JsonObject]] = [[], [], []]
    readers = [asyncio.create_task(listen(run, each)) for run, each in zip(runs, told, strict=True)]
    await eventually(lambda: told[1:] == [[place(1)], [place(2)]])

    gates[0].set()
    assert await readers[0] == "0."
    await clock.advance(1)
    await eventually(lambda: told[2] == [place(2), place(1)])
    gates[1].set()
    gates[2].set()

    assert [await reader for reader in readers] == ["0.", "1.", "2."]
    assert told == [[], [place(1)], [place(2), place(1)]]
    logged = [event.chunk.type async for event in saga.follow(runs[2].stream_id)]
    assert logged[0] == "start"
    assert "data-queue" not in logged
    assert not any(part["type"] == "data-queue" for part in (await runs[2].result()).parts)


async def test_who_leaves_the_line_is_stopped_at_once_and_the_others_move_up(open_saga: Open) -> None:
    clock, gate = FakeClock(), asyncio.Event()
    saga, _ = await open_saga(
        Turn(Wait(gate), Say("0.")), Turn(Say("2.")), runs=RunSettings(clock=clock, live_turns=1, works=False)
    )
    project = await saga.story.projects.create(name="Crowd")
    runs = [await saga.send((await saga.threads.create(project_id=project.id)).id, "Go") for _ in range(3)]
    told: list[JsonObject] = []
    reader = asyncio.create_task(listen(runs[2], told))
    await eventually(lambda: told == [place(2)])

    await saga.stop(runs[1].id)

    with pytest.raises(RunFailed, match="stopped by the writer"):
        await runs[1].result()
    await clock.advance(1)
    await eventually(lambda: told == [place(2), place(1)])
    gate.set()
    assert (await runs[0].result()).text == "0."
    assert await reader == "2."


async def test_a_turn_that_waits_for_the_writer_leaves_its_place_to_the_next(open_saga: Open) -> None:
    create = Call("create_entity", {"type": "character", "name": "Tam"}, id="create")
    saga, _ = await open_saga(Turn(calls=[create]), Turn(Say("Next.")), runs=RunSettings(live_turns=1, works=False))
    project = await saga.story.projects.create(name="Crowd")
    asking, second = [await saga.send((await saga.threads.create(project_id=project.id)).id, "Go") for _ in range(2)]

    async with asyncio.timeout(10):
        assert (await second.result()).text == "Next."

    assert (await asking.state()).state == "waiting"


async def test_all_places_are_free_again_when_all_turns_have_ended(open_saga: Open) -> None:
    """Whatever way they ended: also those that were cut off when this process closed."""
    never = asyncio.Event()
    saga, _ = await open_saga(
        *[Turn(Say("Half "), Wait(never))] * 2, *[Turn(Say("Ok."))] * 4, runs=RunSettings(live_turns=2, works=False)
    )
    project = await saga.story.projects.create(name="Crowd")
    runs = [await saga.send((await saga.threads.create(project_id=project.id)).id, "Go") for _ in range(4)]
    runner = saga._engine.runner
    for run in runs[:2]:
        await first(run.chunks(), lambda chunk: isinstance(chunk, c.TextDelta))

    await runner.close()

    assert runner._line._free == 2
    runner.open()
    await saga.reap()
    assert [(await run.result()).text for run in runs] == ["Ok."] * 4


async def test_a_reader_who_comes_while_the_run_waits_is_told_its_place(open_saga: Open) -> None:
    gate = asyncio.Event()
    saga, _ = await open_saga(Turn(Wait(gate), Say("0.")), Turn(Say("1.")), runs=RunSettings(live_turns=1, works=False))
    project = await saga.story.projects.create(name="Crowd")
    runs = [await saga.send((await saga.threads.create(project_id=project.id)).id, "Go") for _ in range(2)]

    heard = [await first(runs[1].chunks(), lambda _: True) for _ in range(2)]

    assert [{each.type: each.data} for each in heard] == [place(1)] * 2
    gate.set()
    assert (await runs[1].result()).text == "1."
