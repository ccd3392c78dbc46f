"""Processes that are killed in the middle: scenarios 1 and 3, with real processes and SIGKILL."""

from __future__ import annotations

import pytest

from saga_agent.domain.chunks import Abort, Rewind
from saga_agent.models.script import Say
from saga_agent.streams.rows import effective_events
from tests.acceptance.streams.cast import marks_in, words
from tests.acceptance.streams.worlds import World, log_of, reap, settled


@pytest.mark.slow
async def test_scenario_01_kill_9_mid_stream(shared: World) -> None:
    worker = await shared.worker("talk")
    await worker.until("durable", lambda seq: seq >= 6)
    await worker.kill()
    acknowledged = max(line["acknowledged"] for line in worker.lines if "acknowledged" in line)

    saga = await shared.open(recovery="interrupt")
    (found,) = await reap(saga)
    run, message = await settled(saga, worker.run_id)

    assert found.id == worker.run_id
    assert (run.state, message.state) == ("interrupted", "interrupted")
    assert (await saga.storage.journal.streams.get(worker.stream_id)).state == "interrupted"
    assert message.text == words(message.text.count(" ")), "an exact prefix of what was said"
    assert message.text.count(" ") >= acknowledged, "what was acknowledged is there"
    assert isinstance((await log_of(saga, worker.stream_id))[-1].chunk, Abort)
    assert await saga.reaper.reap() == []


@pytest.mark.slow
async def test_scenario_03_resume_after_kill(shared: World) -> None:
    worker = await shared.worker("tool then half a sentence")
    await worker.until("text", lambda text: text.endswith("Half a sen"))
    await worker.kill()

    saga = await shared.open(Say("And then I go on."))
    await reap(saga)
    run, message = await settled(saga, worker.run_id)

    assert (run.state, run.epoch) == ("finished", 2)
    assert message.text == "First I look. And then I go on."
    assert marks_in(shared.marks) == ["looked"], "a finished tool is not run again"
    log = await log_of(saga, worker.stream_id)
    assert any(isinstance(event.chunk, Rewind) for event in log)
    assert "Half a sen" in "".join(getattr(event.chunk, "delta", "") for event in log), "the killed text stays visible"
    assert "Half a sen" not in "".join(getattr(event.chunk, "delta", "") for event in effective_events(log))
    spent = [(usage.step, usage.epoch) for usage in await saga.storage.journal.runs.usage(run.id)]
    assert spent == [(0, 1), (1, 1), (1, 2)], "the killed call was paid for, too"
