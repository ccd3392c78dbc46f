"""What the log takes, refuses and survives. Scenarios 8 to 10, 14, 15, 20 and 21."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from saga_agent.domain import chunks as c
from saga_agent.domain.journal import Delta
from saga_agent.errors import RunFailed, SeqConflict, SeqGap, StaleEpoch, StorageUnavailable
from saga_agent.models.script import Call, Say, Turn, Wait
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.sql.adapter import SqlStorage
from saga_agent.storage.sql.tables.definitions import DELTAS
from saga_agent.testing.clock import FakeClock
from saga_agent.testing.faults import Fault, FaultPlan, FaultyStorage
from tests.acceptance.streams.cast import Talker, word, words
from tests.acceptance.streams.logs import Log, build, text_of
from tests.acceptance.streams.worlds import World, eventually, first, log_of, reap, send, settled


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Storage that is away is tried again at once, as often as ever."""
    monkeypatch.setattr("saga_agent.storage.patience.RETRY_SECONDS", [0.0] * 5)


def deltas(*texts: str) -> list[c.Chunk]:
    return [c.TextDelta(id="t", delta=text) for text in texts]


async def tamper(log: Log, seq: int, chunk: str | None) -> None:
    """Puts something else into that row, or takes the row away, behind the journal's back."""
    if isinstance(log.storage, MemoryStorage):
        rows = log.storage.journal.streams._tables.deltas["str"]  # pyright: ignore
        rows[seq - 1 : seq] = [] if chunk is None else [Delta(seq=seq, epoch=1, chunk=chunk)]
        return
    assert isinstance(log.storage, SqlStorage)
    row = DELTAS.c.seq == seq
    statement: Any = DELTAS.delete().where(row) if chunk is None else DELTAS.update().where(row).values(chunk=chunk)
    await log.storage.database.write(lambda conn: conn.execute(statement))


async def test_scenario_08_duplicate_write(world: World) -> None:
    async with world.storage() as storage:
        log = await Log.begin(storage)
        await log.append(1, deltas("a", "b", "c"))
        before = await log.reader.load("str")

        await log.append(1, deltas("a", "b", "c"))
        await log.append(2, deltas("b"))
        for first_seq, other in ((1, deltas("x", "b", "c")), (3, deltas("x")), (2, deltas("b", "x", "d"))):
            with pytest.raises(SeqConflict):
                await log.append(first_seq, other)

        assert await log.reader.load("str") == before


async def test_scenario_09_gaps(world: World) -> None:
    async with world.storage() as storage:
        log = await Log.begin(storage)
        with pytest.raises(SeqGap):
            await log.append(2, deltas("b"))
        await log.append(1, deltas("a", "b", "c", "d"))
        with pytest.raises(SeqGap) as refused:
            await log.append(6, deltas("f"))
        assert (refused.value.expected, refused.value.got) == (5, 6)
        assert len(await log.reader.load("str")) == 4

        await tamper(log, 3, None)
        events = log.reader.follow("str")
        assert [(await anext(events)).seq for _ in range(2)] == [1, 2]
        with pytest.raises(SeqGap) as hole:
            await anext(events)
        assert (hole.value.expected, hole.value.got) == (3, 4)
        with pytest.raises(SeqGap):
            await log.message()


async def test_scenario_09_rows_missing_at_the_end_of_a_live_log(world: World) -> None:
    async with world.storage() as storage:
        log = await Log.begin(storage)
        await log.append(1, deltas("a", "b"))
        await tamper(log, 2, None)

        with pytest.raises(SeqGap):
            [event async for event in log.reader.follow("str")]


async def test_scenario_10_zombie(world: World) -> None:
    """The first runner's process sleeps past its lease; a second one takes the run; the first wakes up."""
    go_on = asyncio.Event()
    zombie = await world.open(Turn(Say("Old words. "), Wait(go_on), Say("Older words.")), clock=FakeClock())
    run = await send(zombie)
    await first(zombie.follow(run.stream_id), lambda event: isinstance(event.chunk, c.TextDelta))
    other = await world.open(Say("New words."), clock=FakeClock(start=zombie._engine.clock.now() + 20))
    await reap(other)
    log = await log_of(other, run.stream_id)

    go_on.set()
    await zombie._engine.runner.wait(run.id)

    assert await log_of(other, run.stream_id) == log, "nothing was written"
    stored, message = await settled(other, run.id)
    assert (stored.state, stored.epoch, message.text) == ("finished", 2, "New words.")


async def test_scenario_10_a_zombie_that_writes_nothing_is_cancelled_by_its_heartbeat(world: World) -> None:
    clock, reached = FakeClock(), asyncio.Event()
    zombie = await world.open(Turn(calls=[Call("sleep")]), clock=clock, reached=reached.set)
    run = await send(zombie)
    await reached.wait()
    other = await world.open(clock=FakeClock(start=clock.now() + 20))
    taken = await other.storage.journal.runs.take(run.id, runner="another", lease_until=1e12, now=clock.now() + 20)

    await clock.advance(0.6)
    await zombie._engine.runner.wait(run.id)

    assert await other.storage.journal.runs.get(run.id) == taken
    with pytest.raises(StaleEpoch):
        await zombie.storage.journal.streams.append(run.stream_id, epoch=1, first_seq=99, chunks=["{}"])


@pytest.mark.usefixtures("impatient")
async def test_scenario_14_storage_failure_that_passes(world: World) -> None:
    plan = FaultPlan(*(Fault("streams.append", on=number) for number in (2, 3, 4)))
    saga = await world.open(model=Talker(word, 50, seconds_each=0.005), plan=plan)
    run = await send(saga)

    message = await run.result()

    assert plan.injected == {"streams.append before": 3}
    assert message.text == words(50) == text_of(await log_of(saga, run.stream_id))


@pytest.mark.usefixtures("impatient")
async def test_scenario_14_storage_failure_that_stays(world: World) -> None:
    """The run ends failed with exactly what the log holds; a reader of the log is told of the end."""
    plan, go_on = FaultPlan(), asyncio.Event()
    saga = await world.open(Turn(Say("Kept. "), Wait(go_on), Say("Lost.")), plan=plan)
    run = await send(saga)
    await first(saga.follow(run.stream_id), lambda event: isinstance(event.chunk, c.TextDelta))
    plan.add(Fault("streams.append"))
    go_on.set()
    with pytest.raises(RunFailed, match="did not reach the database") as failed:
        await run.result()

    _, message = await settled(saga, run.id)
    assert failed.value.state == "failed"
    assert failed.value.partial == message.text == text_of(await log_of(saga, run.stream_id)) == "Kept. "
    assert [event.chunk.type async for event in saga.follow(run.stream_id)][-1] == "error"
    assert len(await run.usage()) == 1


async def test_scenario_14_a_writer_that_cannot_write_holds_its_source_back(world: World) -> None:
    async with FaultyStorage(world.storage(), plan := FaultPlan()) as storage:
        log = await Log.begin(storage)
        writer = log.writer(max_batch=10, max_bytes=1_000)
        taken = 0

        async def source() -> None:
            nonlocal taken
            for number in range(1_000):
                await writer.write(c.TextDelta(id="t", delta=f"{number},"))
                taken += 1

        with plan.disconnected():
            writing = asyncio.create_task(source())
            await eventually(lambda: plan.injected["streams.append before"] >= 2)
            assert taken <= 2 * 10, "one batch on its way, one that is full"
        await writing
        await writer.flush()

        assert text_of(await log.reader.load("str")) == "".join(f"{number}," for number in range(1_000))


@pytest.mark.usefixtures("impatient")
async def test_scenario_15_lost_acknowledgement(world: World) -> None:
    """Every single append is stored, but reported as failed the first time."""
    plan = FaultPlan(*(Fault("streams.append", "after", on=number) for number in range(1, 200, 2)))
    saga = await world.open(model=Talker(word, 50, seconds_each=0.005), plan=plan)
    run = await send(saga)

    message = await run.result()

    log = await log_of(saga, run.stream_id)
    assert plan.injected["streams.append after"] * 2 == plan.calls["streams.append"] > 4
    assert message.text == words(50) == text_of(log)
    assert build(log) == message.parts


FINISH_VERBS = ("streams.append", "runs.finish", "checkpoints.get", "runs.list", "checkpoints.delete")


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("how", ["before", "after"])
@pytest.mark.parametrize("verb", FINISH_VERBS)
@pytest.mark.parametrize("times", [1, 100])
async def test_scenario_20_atomic_finish(world: World, verb: str, how: Any, times: int) -> None:
    """Each storage call of the end fails, once or for good; whoever looks sees one of the two states, whole."""
    plan = FaultPlan()
    ended = asyncio.Event()
    saga = await world.open(Turn(Say("All of it."), Wait(ended)), plan=plan)
    watching = await world.open()
    run = await send(saga)
    await first(saga.follow(run.stream_id), lambda event: isinstance(event.chunk, c.TextDelta))
    plan.calls.clear()
    for number in range(1, times + 1):
        plan.add(Fault(verb, how, on=number))
    seen: list[bool] = []
    looking = asyncio.create_task(look(seen, lambda: is_whole(watching, run.id)))
    await eventually(lambda: seen)

    ended.set()
    await saga._engine.runner.wait(run.id)
    plan.clear()
    await reap(saga)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)

    stored, message = await settled(watching, run.id)
    assert stored.state in ("finished", "failed")
    assert stored.state == "finished" or (verb, times) == ("streams.append", 100)
    assert await is_whole(watching, run.id)
    assert all(seen)
    assert message.text == text_of(await log_of(watching, run.stream_id)) == "All of it."


async def look(seen: list[bool], check: Callable[[], Awaitable[bool]]) -> None:
    while True:
        seen.append(await check())
        await asyncio.sleep(0.001)


async def is_whole(saga: Any, run_id: str) -> bool:
    """Whether the run is live with its deltas, or ended with the final message and all its rows."""
    journal = saga.storage.journal
    run = await journal.runs.get(run_id)
    message, stream = await journal.threads.message(run.message_id), await journal.streams.get(run.stream_id)
    log = await log_of(saga, run.stream_id)
    if message.state != "running":  # it ended after the first look, or before it
        return message.text == text_of(log) and (await journal.streams.get(run.stream_id)).state == message.state
    return "All of it.".startswith(text_of(log)) and len(log) >= stream.last_seq


@pytest.mark.parametrize("damage", ["{", '{"type":"sing"}', '{"type":"text-delta","id":"a"}', ""])
async def test_scenario_21_malformed_chunk(world: World, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    async with world.storage() as storage:
        log = await Log.begin(storage)
        await log.append(
            1,
            [
                c.Start(message_id="m2"),
                c.TextStart(id="a"),
                c.TextDelta(id="a", delta="Before. "),
                c.TextEnd(id="a"),
                c.TextStart(id="b"),
                c.TextDelta(id="b", delta="Lost. "),
                c.TextEnd(id="b"),
                c.TextStart(id="x"),
                c.TextDelta(id="x", delta="After."),
                c.TextEnd(id="x"),
            ],
        )
        await tamper(log, 6, damage)

        message = await log.message()
        seen = [event.seq for event in await log.reader.load("str")]
        await message.end(c.Finish())

        assert message.text == "Before. After."
        assert message.metadata == {"damagedRows": [6]}
        assert seen == [1, 2, 3, 4, 5, 7, 8, 9, 10]
        assert "row 6 is damaged" in caplog.text


async def test_scenario_21_a_part_whose_beginning_is_damaged(world: World) -> None:
    async with world.storage() as storage:
        log = await Log.begin(storage)
        await log.append(1, [c.Start(message_id="m2"), c.TextStart(id="a"), *deltas("orphan"), c.TextEnd(id="t")])
        await log.append(5, [c.ToolInputAvailable(tool_call_id="k", tool_name="x", input={"whole": True})])

        message = await log.message()

        assert [part["type"] for part in message.parts] == ["text", "tool-x"]
        assert message.metadata == {"damagedRows": [3, 4]}
        assert json.dumps(message.parts[1]["input"]) == '{"whole": true}'


async def test_scenario_20_the_graph_is_done_but_the_end_was_never_stored(world: World) -> None:
    """The database is away for longer than anybody waits; when it is back, the next pass ends the run as it was."""
    plan = FaultPlan(Fault("runs.finish"))
    saga = await world.open(Say("All of it."), plan=plan)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("saga_agent.storage.patience.RETRY_SECONDS", [0.0])
        run = await send(saga)
        await saga._engine.runner.wait(run.id)
    assert (await run.state()).state == "running"
    plan.clear()

    await reap(saga)

    kinds = [event.chunk.type for event in await log_of(saga, run.stream_id)]
    assert (await run.result()).text == "All of it."
    assert kinds.count("finish") == 1
    with pytest.raises(StorageUnavailable), plan.disconnected():
        await run.state()
