"""Readers: what they see, when, and from wherever they were cut off. Scenarios 2, 4 to 7 and 24."""

from __future__ import annotations

import asyncio
import random

import pytest

from saga_agent.app import Saga
from saga_agent.domain import chunks as c
from saga_agent.domain.requests import Approve
from saga_agent.errors import NotFound
from saga_agent.models.script import Call, Fail, Say, Turn, Wait
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.testing.clock import FakeClock
from tests.acceptance.streams import virtual_time
from tests.acceptance.streams.cast import Talker, word, words
from tests.acceptance.streams.logs import Log, build, text_of
from tests.acceptance.streams.worlds import World, first, log_of, new_thread, reap, send, settled

FLUSH_SECONDS = 0.1


async def test_scenario_02_recovery_before_retention(world: World) -> None:
    never = asyncio.Event()
    frozen = await world.open(Turn(Say("Half a sentence"), Wait(never)), clock=FakeClock())
    run = await send(frozen)
    await first(frozen.follow(run.stream_id), lambda event: getattr(event.chunk, "delta", "").endswith("sentence"))
    other = await world.open(recovery="interrupt", clock=FakeClock(start=frozen._engine.clock.now() + 20))
    streams = other.storage.journal.streams

    assert await streams.trim(run.stream_id) == 0, "nothing goes while it lives"
    await reap(other)
    assert (await settled(other, run.id))[1].text == "Half a sentence"
    assert await streams.trim(run.stream_id) > 0
    _, message = await settled(other, run.id)
    assert (message.text, message.state) == ("Half a sentence", "interrupted")


def test_scenario_04_trailing_flush() -> None:
    """A part comes inside the window and then nothing for a minute; times are of the loop, and exact."""

    async def play() -> tuple[float, float]:
        loop = asyncio.get_running_loop()
        async with MemoryStorage() as storage:
            log = await Log.begin(storage)
            writer, seen = log.writer(flush_seconds=FLUSH_SECONDS), log.reader.follow("str")
            await writer.write(c.Data(type="data-first", data=1))
            await anext(seen)
            began = loop.time()
            await writer.write(c.TextDelta(id="t", delta="a"))
            await anext(seen)
            waited = loop.time() - began
            await asyncio.sleep(60)
            began = loop.time()
            await writer.write(c.ToolInputStart(tool_call_id="c", tool_name="x"))
            await anext(seen)
            return waited, loop.time() - began

    part, tool_start = virtual_time.run(play())

    assert part <= FLUSH_SECONDS + 0.1
    assert tool_start <= 0.1


async def test_scenario_04_an_idle_source_holds_nothing_back(world: World) -> None:
    """The same on every adapter, and across processes' connections, without a clock."""
    never = asyncio.Event()
    writing = await world.open(Turn(Say("A part."), Wait(never)))
    reading = await world.open()
    run = await send(writing)

    event = await first(reading.follow(run.stream_id), lambda event: isinstance(event.chunk, c.TextDelta))

    assert event.chunk.delta == "A part."


async def test_scenario_05_late_joiner(world: World) -> None:
    halfway, count = asyncio.Event(), 10_000

    def said(number: int) -> None:
        if number == count // 2:
            halfway.set()

    saga = await world.open(model=Talker(word, count, said=said))
    run = await send(saga)
    early = asyncio.create_task(collect(run.chunks()))
    await halfway.wait()
    late = asyncio.create_task(collect((await saga.run(run.id)).chunks()))
    message = await run.result()
    replayed = [event.chunk async for event in saga.follow(run.stream_id)]

    assert message.text == words(count)
    for chunks in (await early, await late, replayed):
        assert build(chunks) == message.parts


async def collect(chunks: object) -> list[c.Chunk]:
    return [chunk async for chunk in chunks]  # pyright: ignore


async def test_scenario_06_reconnect(world: World) -> None:
    """A client is cut off at 20 random places while the stream is written, and comes back with the last seq it saw."""
    writing = await world.open(model=Talker(word, 400, seconds_each=0.001))
    reading = await world.open()
    run = await send(writing)
    dice, seen, drops = random.Random(6), [], 0
    while not (seen and isinstance(seen[-1].chunk, c.Finish)):
        patience = dice.randrange(1, 4) if drops < 20 else 10**9
        drops += 1
        async for event in reading.follow(run.stream_id, after=seen[-1].seq if seen else 0):
            seen.append(event)
            patience -= 1
            if not patience:
                break

    assert [event.seq for event in seen] == list(range(1, len(seen) + 1))
    assert build(seen) == (await run.result()).parts


@pytest.mark.parametrize("ending", ["finish", "error", "abort"])
async def test_scenario_07_reconnect_after_retention(world: World, ending: str) -> None:
    """Whatever cursor a follower has, it gets the whole final message and how it ended."""
    never = asyncio.Event()
    last = {"finish": Say(" Done."), "error": Fail(ConnectionError("gone")), "abort": Wait(never)}[ending]
    saga = await world.open(Turn(text="I look.", calls=[Call("mark", {"name": "x"})]), Turn(Say(" Well,"), last))
    run = await send(saga)
    if ending == "abort":
        await first(run.chunks(), lambda chunk: getattr(chunk, "delta", "") == " Well,")
        await saga.stop(run.id)
    else:
        [chunk async for chunk in run.chunks()]
    before = [event.chunk.type async for event in saga.follow(run.stream_id)][-1]
    _, message = await settled(saga, run.id)
    rows = await saga.storage.journal.streams.trim(run.stream_id)

    for after in (0, 3, rows - 1):
        events = [event async for event in saga.follow(run.stream_id, after=after)]
        assert isinstance(events[0].chunk, c.Start)
        assert build(events) == message.parts
        assert [event.seq for event in events] == [after] * (len(events) - 1) + [rows]
        assert events[-1].chunk.type == before == ending
    assert [event.chunk.type async for event in saga.follow(run.stream_id, after=rows)] == [ending]
    assert text_of([event async for event in saga.follow(run.stream_id)]) == message.text


async def test_scenario_24_isolation(world: World) -> None:
    saga = await world.open(Turn(calls=[Call("write_mark", {"name": "x"})]))
    run = await send(saga)
    [chunk async for chunk in run.chunks()]
    (request,) = await run.requests()
    mine = run.thread_id
    other: Saga = saga.acting_as("somebody else")  # pyright: ignore[reportAssignmentType]
    theirs = await new_thread(other)

    for attempt in (
        other.run(run.id),
        other.stop(run.id),
        other.resume(run.id),
        other.answer(run.id, {request.id: Approve()}),
        other.requests(run_id=run.id),
        other.requests(thread_id=mine),
        other.threads.messages(mine),
        anext(other.follow(run.stream_id)),
        saga.threads.get(theirs.id),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert await other.runs(thread_id=mine) == []
    assert (await run.state()).state == "waiting", "nothing was stopped or answered"
    assert len(await log_of(saga, run.stream_id)) > 0
