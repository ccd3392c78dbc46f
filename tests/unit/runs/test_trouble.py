"""Runs whose storage, holder or reader goes away at an awkward moment."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from saga_agent.domain import chunks as c
from saga_agent.domain.requests import Approve
from saga_agent.errors import RunFailed
from saga_agent.models.script import Call, Say, Turn, Wait
from saga_agent.runs.runner import MAX_ATTEMPTS
from saga_agent.testing.faults import Fault, FaultPlan
from tests.acceptance.streams.cast import AGENTS, marks_in
from tests.acceptance.streams.worlds import World, eventually, first, reap, send, settled

WRITE = Call("write_mark", {"name": "x"})


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(marks=tmp_path / "marks")
    yield world
    await world.close()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("saga_agent.storage.patience.RETRY_SECONDS", [0.0] * 3)


@pytest.mark.parametrize("how", ["before", "after"])
@pytest.mark.parametrize(
    "verb",
    [
        "runs.take",
        "runs.pause",
        "runs.finish",
        "calls.start",
        "calls.finish",
        "calls.repeats",
        "requests.open",
        "requests.get",
        "grants.in_force",
        "checkpoints.put",
        "streams.get",
        "streams.read",
        "threads.message",
        "threads.messages",
    ],
)
async def test_a_turn_survives_a_moment_without_storage(world: World, verb: str, how: Any) -> None:
    saga = await world.open(Turn(text="I ask.", calls=[WRITE]), Say(" Done."), plan=(plan := FaultPlan()))
    plan.add(Fault(verb, how, on=1))
    run = await send(saga)
    await saga._engine.runner.wait(run.id)
    (request,) = await run.requests()
    await saga.answer(run.id, {request.id: Approve()})

    message = await run.result()

    assert message.text == "I ask. Done."
    assert marks_in(world.marks) == ["x"]
    assert plan.injected == {f"{verb} {how}": 1}


@pytest.mark.parametrize("left", [MAX_ATTEMPTS - 1, MAX_ATTEMPTS])
async def test_a_run_that_never_comes_to_an_end_is_given_up(world: World, left: int) -> None:
    """A turn that kills whoever takes it up must not kill every process, one after the other."""
    sender = await world.open(plan=FaultPlan(Fault("runs.take")))
    saga = await world.open(Say("At last."))
    run = await send(sender)
    await sender._engine.runner.wait(run.id)
    for number in range(left):
        await saga.storage.journal.runs.take(run.id, runner="gone", lease_until=number, now=number)

    await reap(saga)

    ended, message = await settled(saga, run.id)
    if left < MAX_ATTEMPTS:
        assert (ended.state, message.text) == ("finished", "At last.")
    else:
        assert (ended.state, ended.reason_code, message.text) == ("failed", "process", "")
        assert "never came to an end" in ended.reason
        assert (await (await saga.resume(run.id)).result()).text == "At last."


async def test_words_that_are_not_in_the_log_are_in_no_checkpoint(world: World) -> None:
    """Whoever takes the run up asks the model again, and does not take half an answer for the whole."""
    go_on, plan = asyncio.Event(), FaultPlan()
    saga = await world.open(Turn(Say("Kept. "), Wait(go_on), Say("Lost.")), plan=plan)
    run = await send(saga)
    await first(saga.follow(run.stream_id), lambda event: isinstance(event.chunk, c.TextDelta))
    plan.add(Fault("streams.append"))
    go_on.set()
    await saga._engine.runner.wait(run.id)

    checkpoint = await saga.checkpointer.aget_tuple({"configurable": {"thread_id": run.id}})

    assert checkpoint is not None
    assert checkpoint.checkpoint["channel_values"]["step"] == 0
    assert "Lost." not in str(checkpoint)


async def test_tidying_up_after_a_run_leaves_the_next_one_alone(world: World) -> None:
    """The next turn has begun before the last one's checkpoints and rows are dropped."""
    plan = FaultPlan(Fault("runs.prune", "slow", seconds=0.3))
    saga = await world.open(Say("First."), Turn(text="I ask.", calls=[WRITE]), plan=plan)
    run = await send(saga)
    await eventually(lambda: plan.calls["runs.prune"])
    second = await saga.send(run.thread_id, "And now?")
    await saga._engine.runner.wait(second.id)

    await saga._engine.runner.wait(run.id)

    assert await saga.checkpointer.aget_tuple({"configurable": {"thread_id": second.id}}) is not None
    assert (await second.state()).state == "waiting"


async def test_a_run_that_could_not_be_taken_is_taken_by_the_next_pass(world: World) -> None:
    plan = FaultPlan(Fault("runs.take"))
    saga = await world.open(Say("Here I am."), plan=plan)
    run = await send(saga)
    await saga._engine.runner.wait(run.id)
    plan.clear()

    saga._engine.runner.start(await run.state())

    assert (await run.result()).text == "Here I am."


async def test_what_another_reader_answers_is_not_skipped_by_this_one(world: World) -> None:
    """The run goes on before the reader of the first half asks for the second."""
    saga = await world.open(Turn(text="I ask.", calls=[WRITE]), Say("And go on."))
    run = await send(saga)
    early = [chunk async for chunk in run.chunks()]
    (request,) = await run.requests()
    await saga.answer(run.id, {request.id: Approve()})
    await run.result()

    late = [chunk async for chunk in run.chunks()]

    text = "".join(chunk.delta for chunk in [*early, *late] if isinstance(chunk, c.TextDelta))
    assert text == "I ask.And go on."
    assert [chunk async for chunk in run.chunks()] == []


async def test_two_readers_of_one_handle_do_not_disturb_each_other(world: World) -> None:
    saga = await world.open(Say("One text for both."))
    run = await send(saga)

    async def read() -> str:
        return "".join([chunk.delta async for chunk in run.chunks() if isinstance(chunk, c.TextDelta)])

    assert await asyncio.gather(read(), read()) == ["One text for both."] * 2


async def test_a_reader_that_leaves_early_starts_again_where_it_started(world: World) -> None:
    saga = await world.open(Say("All of it."))
    run = await send(saga)
    await first(run.chunks(), lambda chunk: isinstance(chunk, c.TextStart))
    await run.result()

    assert await anext(run.chunks()) == c.Start(message_id=run.message_id)


async def test_a_live_reader_stays_with_a_run_that_is_resumed_in_the_same_process(world: World) -> None:
    """The lease is lost in the middle of a sentence; the reader sees the rewind and then the new text."""
    go_on = asyncio.Event()
    saga = await world.open(Turn(Say("Half a sen"), Wait(go_on)), Say("A whole sentence."))
    run = await send(saga)
    seen: list[c.Chunk] = []

    async def read() -> None:
        async for chunk in run.chunks():
            seen.append(chunk)  # noqa: PERF401 - looked at while it grows

    reading = asyncio.create_task(read())
    await eventually(lambda: any(isinstance(chunk, c.TextDelta) for chunk in seen))
    lease = saga._engine.runner._leases[run.id]
    lease.lose()
    await saga._engine.runner.wait(run.id)

    await reap(saga)
    await reading

    kinds = [chunk.type for chunk in seen]
    rewind = kinds.index("rewind")
    after = "".join(chunk.delta for chunk in seen[rewind:] if isinstance(chunk, c.TextDelta))
    assert after == "A whole sentence." == (await run.result()).text
    assert kinds[-1] == "finish"


async def test_an_agent_that_is_gone_fails_the_run_but_keeps_its_text(world: World) -> None:
    """Another version of the app takes the run up, and does not know the agent."""
    never = asyncio.Event()
    saga = await world.open(Turn(Say("Kept."), Wait(never)))
    run = await send(saga)
    await first(saga.follow(run.stream_id), lambda event: isinstance(event.chunk, c.TextDelta))
    await saga._engine.runner.close()
    other = await world.open(agents=[replace(AGENTS[0], name="another")])
    await reap(other)

    with pytest.raises(RunFailed, match="no agent 'draft'") as failed:
        await run.result()
    assert failed.value.partial == "Kept."


async def test_a_log_that_cannot_be_read_fails_the_run_and_says_so(world: World) -> None:
    never = asyncio.Event()
    saga = await world.open(Turn(Say("Torn."), Wait(never)))
    run = await send(saga)
    await first(saga.follow(run.stream_id), lambda event: isinstance(event.chunk, c.TextDelta))
    await saga._engine.runner.close()
    del world.memory.journal.streams._tables.deltas[run.stream_id][1]  # pyright: ignore
    saga._engine.runner.open()

    await reap(saga)

    stored, _ = await settled(saga, run.id)
    assert stored.state == "failed"
    assert "rows between them are missing" in stored.reason
