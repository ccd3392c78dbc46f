"""How runs end before they are finished, and what they leave. Scenarios 11 to 13 and 22."""

from __future__ import annotations

import asyncio
import time

import pytest

from saga_agent.app import Saga
from saga_agent.domain import chunks as c
from saga_agent.domain.requests import Approve
from saga_agent.errors import InvalidInput, ModelCutOff, RunFailed
from saga_agent.models.script import Call, Fail, Say, Turn, Wait
from saga_agent.runs.lease import LeaseTimes
from saga_agent.runs.settings import RunSettings
from saga_agent.testing.clock import FakeClock
from saga_agent.testing.faults import Fault, FaultPlan
from tests.acceptance.streams.cast import marks_in
from tests.acceptance.streams.logs import text_of
from tests.acceptance.streams.worlds import World, eventually, first, log_of, reap, send, settled


async def test_scenario_11_local_abort(world: World) -> None:
    """Everything that was shown is kept, the tool at work is cancelled, what the model said is counted."""
    reached = asyncio.Event()
    saga = await world.open(Turn(text="I sleep now.", calls=[Call("sleep")]), reached=reached.set)
    run = await send(saga)
    await reached.wait()

    await saga.stop(run.id)

    stored, message = await settled(saga, run.id)
    assert (stored.state, message.state, message.text) == ("stopped", "stopped", "I sleep now.")
    assert marks_in(world.marks) == ["sleep ended"]
    assert [part["state"] for part in message.parts if "toolCallId" in part] == ["output-error"]
    assert isinstance((await log_of(saga, run.stream_id))[-1].chunk, c.Abort)
    assert [(usage.step, usage.estimated) for usage in await run.usage()] == [(0, False)]
    await saga.stop(run.id)
    assert await settled(saga, run.id) == (stored, message), "a second stop is nothing"


async def test_scenario_11_abort_in_the_middle_of_a_sentence(world: World) -> None:
    never = asyncio.Event()
    saga = await world.open(Turn(Say("Half a sen"), Wait(never)))
    run = await send(saga)
    await first(run.chunks(), lambda chunk: isinstance(chunk, c.TextDelta) and chunk.delta.endswith("en"))

    await saga.stop(run.id)

    _, message = await settled(saga, run.id)
    assert message.text == "Half a sen" == text_of(await log_of(saga, run.stream_id)), "flushed or not"
    (usage,) = await run.usage()
    assert usage.estimated
    assert usage.output_tokens > 0


@pytest.mark.slow
@pytest.mark.parametrize("scene", ["silence", "quiet tool"])
async def test_scenario_12_remote_abort(shared: World, scene: str) -> None:
    """The worker is another process; it looks for a wish to stop twice a second."""
    worker = await shared.worker(scene)
    await (worker.until("reached") if scene == "quiet tool" else worker.until("text", lambda text: text != ""))
    saga = await shared.open()
    began = time.monotonic()

    await saga.stop(worker.run_id)
    run = await saga.run(worker.run_id)
    with pytest.raises(RunFailed, match="stopped by the writer"):
        await run.result()

    assert time.monotonic() - began < 5, "half a second on a machine that is not busy"
    _, message = await settled(saga, worker.run_id)
    assert message.text in ("Let me think", "I sleep.")
    assert marks_in(shared.marks) == (["sleep ended"] if scene == "quiet tool" else [])
    await saga.stop(worker.run_id)


@pytest.mark.slow
async def test_scenario_12_abort_of_a_dead_worker_finalizes_at_once(shared: World) -> None:
    """No lease is waited for, no reaper and no model is needed."""
    worker = await shared.worker("tool then half a sentence")
    await worker.until("text", lambda text: text.endswith("Half a sen"))
    await worker.kill()
    saga = await shared.open()
    assert (await saga.storage.journal.runs.get(worker.run_id)).lease_until > time.time()

    await saga.stop(worker.run_id)

    run, message = await settled(saga, worker.run_id)
    assert (run.state, message.state) == ("stopped", "stopped")
    assert message.text == "First I look. Half a sen"
    assert [part["state"] for part in message.parts if "toolCallId" in part] == ["output-available"]
    assert [usage.step for usage in await saga.storage.journal.runs.usage(run.id)] == [0]
    await saga.stop(worker.run_id)
    assert await settled(saga, worker.run_id) == (run, message)


async def test_scenario_12_a_wish_to_stop_reaches_another_connection_within_a_look(world: World) -> None:
    never, clock = asyncio.Event(), FakeClock()
    working = await world.open(Turn(Say("Let me think"), Wait(never)), clock=clock)
    run = await send(working)
    await first(run.chunks(), lambda chunk: isinstance(chunk, c.TextDelta))
    stopping = await world.open(clock=clock)

    await stopping.stop(run.id)
    assert (await run.state()).state == "running", "its holder is alive, and ends it itself"
    await clock.advance(LeaseTimes().watch_seconds)
    await working._engine.runner.wait(run.id)

    assert (await run.state()).state == "stopped"


async def test_scenario_12_stopping_what_waits_or_was_never_begun(world: World) -> None:
    saga = await world.open(Turn(text="I ask.", calls=[Call("write_mark", {"name": "x"})]))
    run = await send(saga)
    [chunk async for chunk in run.chunks()]

    await saga.stop(run.id)

    _, message = await settled(saga, run.id)
    assert (message.state, message.text) == ("stopped", "I ask.")
    assert [part["state"] for part in message.parts if "toolCallId" in part] == ["output-error"]
    assert len(await run.usage()) == 1, "the model call before the pause is counted"
    assert [chunk.type async for chunk in run.chunks()] == ["abort"]
    await saga.stop(run.id)


async def test_a_stopped_run_leaves_no_checkpoint_behind(world: World) -> None:
    """What the cancelled graph still had to write lands before its checkpoints are dropped, not after."""
    reached = asyncio.Event()
    saga = await world.open(Turn(calls=[Call("sleep")]), keep_checkpoints="none", reached=reached.set)
    run = await send(saga)
    await reached.wait()

    await saga.stop(run.id)

    await saga.threads.rename(run.thread_id, "A write that comes after all the others")
    assert await saga.storage.journal.checkpoints.list(run.id) == []


async def test_a_stop_that_comes_too_late_changes_nothing(world: World) -> None:
    saga = await world.open(Say("All done."))
    run = await send(saga)
    message = await run.result()

    await saga.stop(run.id)

    assert (await run.result()) == message


async def test_a_stop_before_the_first_step_ends_the_run(world: World) -> None:
    """The wish comes while the run is being taken: there is no lease yet that could be told."""
    saga = await world.open(Say("Never said."))
    run = await send(saga)

    await saga.stop(run.id)

    stored, message = await settled(saga, run.id)
    assert stored.state in ("stopped", "finished")
    assert message.text in ("", "Never said.")


async def test_a_stop_during_the_pause_is_not_lost(world: World) -> None:
    """The graph has paused, the pause is being stored: the run must not be left waiting."""
    plan = FaultPlan(Fault("runs.pause", "slow", seconds=0.2))
    saga = await world.open(Turn(calls=[Call("write_mark", {"name": "x"})]), plan=plan)
    run = await send(saga)
    await eventually(lambda: plan.calls["runs.pause"])

    await saga.stop(run.id)

    assert (await run.state()).state == "stopped"


async def test_scenario_13_provider_error_mid_stream(world: World) -> None:
    """The provider's words are kept, though the clean-up fails too."""
    plan = FaultPlan(Fault("runs.prune"))
    breaks = Turn(Say("Half an answer"), Fail(ModelCutOff("the line went dead")))
    saga = await world.open(breaks, plan=plan, keep_checkpoints="none")
    run = await send(saga)

    with pytest.raises(RunFailed, match="the line went dead") as failed:
        await run.result()

    assert (failed.value.state, failed.value.partial) == ("failed", "Half an answer")
    assert (await run.state()).reason == "the line went dead"
    await saga._engine.runner.wait(run.id)  # it tidies up after the end
    assert plan.injected == {"runs.prune before": 1}
    (usage,) = await run.usage()
    assert usage.estimated


async def test_scenario_13_an_error_that_is_no_models_is_named_by_its_class_only(world: World) -> None:
    saga = await world.open(Turn(Say("Half"), Fail(ZeroDivisionError("secret of the host"))))
    run = await send(saga)

    with pytest.raises(RunFailed, match="ZeroDivisionError") as failed:
        await run.result()

    assert "secret" not in str(failed.value)
    assert failed.value.partial == "Half"


@pytest.mark.parametrize("beats", [True, False])
async def test_scenario_22_long_quiet_tool(world: World, beats: bool) -> None:
    """A quarter of an hour without a word: with a heartbeat the run is left alone, without one it is taken over."""
    clock, plan, reached = FakeClock(), FaultPlan(), asyncio.Event()
    times = LeaseTimes(watch_seconds=5.0)
    working = await world.open(Turn(calls=[Call("sleep")]), clock=clock, times=times, plan=plan, reached=reached.set)
    run = await send(working)
    await reached.wait()
    other = await world.open(Say("I take over."), clock=clock, times=times)
    if not beats:
        plan.connected = False
    passes = 0

    while passes < 15 * 60 / 5 and not await other.reaper.reap():
        passes += 1
        await clock.advance(5.0)
        if beats:
            await renewed(working, clock.now())

    assert (passes == 180) if beats else (passes <= 3 + 1)
    assert (await other.storage.journal.runs.get(run.id)).epoch == 1 or not beats
    plan.connected = True
    if not beats:
        await other._engine.runner.wait(run.id)
        assert (await other.storage.journal.runs.get(run.id)).epoch == 2


async def renewed(saga: Saga, at: float) -> None:
    """Returns when the holder itself knows of the renewal; only then does it sleep until the next one."""
    while saga._engine.runner._keeper.renewed_at != at:  # noqa: ASYNC110
        await asyncio.sleep(0.001)


async def test_an_answer_is_left_to_a_process_that_has_a_model(world: World) -> None:
    """A process that only takes answers must not fail the run for want of a model."""
    clock = FakeClock()
    saga = await world.open(Turn(calls=[Call("write_mark", {"name": "x"})]), clock=clock)
    run = await send(saga)
    [chunk async for chunk in run.chunks()]
    (request,) = await run.requests()
    async with Saga.open(storage=world.storage(), runs=RunSettings(clock=clock)) as modelless:
        await modelless.answer(run.id, {request.id: Approve()})
        assert (await run.state()).state == "queued"
        with pytest.raises(InvalidInput, match="No model"):
            await modelless.resume(run.id)

    working = await world.open(Say("Marked."), clock=clock)
    await clock.advance(20)
    await reap(working)
    assert (await run.result()).text == "Marked."
    assert marks_in(world.marks) == ["x"]
