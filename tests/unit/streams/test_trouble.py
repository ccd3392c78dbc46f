"""What a stream's parts do when something goes wrong around them."""

import asyncio

import pytest

from saga_agent.domain import chunks as c
from saga_agent.errors import StorageUnavailable
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.patience import insist
from saga_agent.streams.hub import StreamHub
from saga_agent.streams.message import MessageStream
from saga_agent.streams.reader import Bookmark, StreamReader
from saga_agent.streams.rows import effective_events
from saga_agent.testing.faults import Fault, FaultPlan, FaultyStorage
from tests.acceptance.streams import virtual_time
from tests.acceptance.streams.logs import Log, text_of


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("saga_agent.storage.patience.RETRY_SECONDS", [0.0])


async def test_a_reader_that_waited_for_a_writer_that_never_began_turns_to_the_log() -> None:
    """A run that could not be taken closes its channel before anything was written."""
    async with MemoryStorage() as storage:
        log = await Log.begin(storage)
        await log.append(1, [c.TextDelta(id="t", delta="from elsewhere")])
        await log.storage.journal.runs.pause("run", epoch=1, parts=[])
        log.hub.open("str")
        reading = asyncio.create_task(collect(log.reader))
        await asyncio.sleep(0)

        log.hub.close("str")

        assert [chunk.type for chunk in await asyncio.wait_for(reading, 5)] == ["text-delta"]


async def collect(reader: StreamReader) -> list[c.Chunk]:
    return [chunk async for chunk in reader.live("str", Bookmark())]


def test_what_came_while_a_slow_append_was_under_way_is_flushed_too() -> None:
    """The timer runs out during the append; the part that waits must not wait for the next one."""

    async def play() -> float:
        plan = FaultPlan(Fault("streams.append", "slow", on=1, seconds=5.0))
        async with FaultyStorage(MemoryStorage(), plan) as storage:
            log = await Log.begin(storage)
            writer = log.writer(flush_seconds=0.1)
            await writer.write(c.TextDelta(id="t", delta="first"))
            await asyncio.sleep(0.2)
            await writer.write(c.TextDelta(id="t", delta="second"))
            await asyncio.sleep(4.9 + 0.2)
            return len(text_of(await log.reader.load("str")))

    assert virtual_time.run(play()) == len("firstsecond")


@pytest.mark.usefixtures("impatient")
async def test_an_append_that_failed_for_good_is_told_by_the_next_flush_as_well() -> None:
    """The timer's own flush failed, with nobody there to hear of it."""
    async with FaultyStorage(MemoryStorage(), FaultPlan(Fault("streams.append"))) as storage:
        log = await Log.begin(storage)
        writer = log.writer(flush_seconds=0.0)
        await writer.write(c.TextDelta(id="t", delta="lost"))
        await asyncio.sleep(0.05)

        with pytest.raises(StorageUnavailable):
            await writer.flush()


@pytest.mark.usefixtures("impatient")
async def test_a_writer_that_follows_a_broken_one_starts_with_what_the_log_holds() -> None:
    """What the broken one showed, but could not store, is neither shown again nor counted as stored."""
    plan = FaultPlan()
    async with FaultyStorage(MemoryStorage(), plan) as storage:
        log = await Log.begin(storage)
        broken = await log.message()
        await broken.begin_step(0)
        await broken.emit(c.TextStart(id="t"))
        await broken.emit(c.TextDelta(id="t", delta="never stored"))
        with plan.disconnected(), pytest.raises(StorageUnavailable):
            await broken.flush()
        message = await log.message()
        late = asyncio.create_task(collect(log.reader))
        await asyncio.sleep(0)

        await message.begin_step(0)
        await message.emit(c.TextStart(id="t"))
        await message.emit(c.TextDelta(id="t", delta="stored"))
        await message.flush()
        await storage.journal.runs.pause("run", epoch=1, parts=[])
        log.hub.close("str")

        assert "".join(chunk.delta for chunk in await late if isinstance(chunk, c.TextDelta)) == "stored"


@pytest.mark.usefixtures("impatient")
async def test_a_message_that_could_not_read_its_log_after_a_rewind_takes_nothing_more() -> None:
    plan = FaultPlan()
    async with FaultyStorage(MemoryStorage(), plan) as storage:
        log = await Log.begin(storage)
        message = await log.message()
        await message.begin_step(0)
        plan.add(Fault("streams.read"))

        for _ in range(2):
            with pytest.raises(StorageUnavailable):
                await message.begin_step(0)
        with pytest.raises(StorageUnavailable):
            await message.end(c.Finish())


@pytest.mark.parametrize("again", [c.Finish(), c.Abort()])
async def test_a_log_that_has_its_end_is_not_given_a_second_one(again: c.Chunk) -> None:
    """A run whose end was logged but never stored is ended again, perhaps in another way."""
    async with MemoryStorage() as storage:
        log = await Log.begin(storage)
        message = await log.message()
        await message.begin_step(0)
        await message.end(c.Finish(finish_reason="stop"))

        restored = await log.message()
        await restored.end(again)
        await restored.end(again)

        kinds = [event.chunk.type for event in effective_events(await log.reader.load("str"))]
        assert kinds == ["start", "start-step", "finish-step", again.type]


async def test_a_turn_that_goes_on_after_its_log_was_closed_voids_the_end() -> None:
    async with MemoryStorage() as storage:
        log = await Log.begin(storage)
        dead = await log.message()
        await dead.begin_step(0)
        await dead.end(c.Error(error_text="the storage was away"))

        alive = await MessageStream.restore(log.run, storage.journal.streams, StreamHub())
        await alive.begin_step(1)
        await alive.end(c.Finish())

        kinds = [event.chunk.type for event in effective_events(await log.reader.load("str"))]
        assert kinds == ["start", "start-step", "finish-step", "start-step", "finish-step", "finish"]


@pytest.mark.usefixtures("impatient")
async def test_insisting_ends_with_the_budget() -> None:
    tries: list[int] = []

    async def fail() -> None:
        tries.append(1)
        raise StorageUnavailable("gone")

    with pytest.raises(StorageUnavailable):
        await insist(fail)
    assert len(tries) == 2
