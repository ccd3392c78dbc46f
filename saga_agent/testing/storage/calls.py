"""What the journal's tool calls promise: started once, approved once, finished once."""

from __future__ import annotations

from saga_agent.domain.journal import ToolCall
from saga_agent.errors import NotFound, StaleEpoch
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_raises, expect_same
from saga_agent.testing.storage.samples import EVERY_SCRIPT, JSON_BODY, LARGE_TEXT
from saga_agent.testing.storage.turns import START, call, finish, running, take, taken_over


async def keeps_every_field(storage: Storage) -> None:
    """Every field of a call is stored and read back exactly, before and after its end."""
    run = (await running(storage)).run
    calls = storage.journal.calls
    full = ToolCall(
        run_id=run.id,
        call_id="call “1” 🏰",
        tool="create_entity",
        arguments=JSON_BODY,
        arguments_hash="ab" * 32,
        refused=True,
        rule=EVERY_SCRIPT,
        started_at=1_700_000_000.1234567,
    )

    expect_same(await calls.start(full, epoch=1), full, "What start returned")
    expect_same(await calls.find(run.id, full.call_id), full, "What find read")
    finished = await calls.finish(run.id, full.call_id, epoch=1, ok=False, result=EVERY_SCRIPT, now=START + 0.25)

    end = {"state": "finished", "ok": False, "result": EVERY_SCRIPT, "ended_at": START + 0.25}
    expect_same(finished, full.model_copy(update=end), "What finish returned")
    expect_same(list(await calls.list(run.id)), [finished], "The listed calls")


async def keeps_a_large_result(storage: Storage) -> None:
    """A result of a million characters comes back whole."""
    run = (await running(storage)).run
    await storage.journal.calls.start(call(1, of=run), epoch=1)

    await storage.journal.calls.finish(run.id, "call_1", epoch=1, ok=True, result=LARGE_TEXT, now=START)

    found = await storage.journal.calls.find(run.id, "call_1")
    expect_same(found and found.result, LARGE_TEXT, "The stored result")


async def knows_what_was_never_started(storage: Storage) -> None:
    """`find` gives None, and `finish` raises `NotFound`, for a call that was never started in that run."""
    first, second = (await running(storage, 1)).run, (await running(storage, 2)).run
    calls = storage.journal.calls
    await calls.start(call(1, of=first), epoch=1)

    expect_same(await calls.find(second.id, "call_1"), None, "What find gave for another run's call")
    expect_same(await calls.find(first.id, "call_2"), None, "What find gave for an unknown call")
    for call_id in ("call_1", "call_2"):
        attempt = calls.finish(second.id, call_id, epoch=1, ok=True, result="1", now=START)
        await expect_raises(NotFound, attempt, f"finish of {call_id}, which the run never started")
    found = await calls.find(first.id, "call_1")
    expect_same(found and found.state, "started", "The other run's call")


async def keeps_runs_apart(storage: Storage) -> None:
    """Two runs may use the same call id; each has its own call."""
    first, second = (await running(storage, 1)).run, (await running(storage, 2)).run
    calls = storage.journal.calls
    for run in (first, second):
        await calls.start(call(1, of=run), epoch=1)

    await calls.finish(first.id, "call_1", epoch=1, ok=True, result='"done"', now=START)

    expect_same(await calls.find(second.id, "call_1"), call(1, of=second), "The second run's call")


async def lists_calls_in_the_order_of_their_start(storage: Storage) -> None:
    """`list` gives the run's calls alone in the order they were started, finished or not."""
    first, second = (await running(storage, 1)).run, (await running(storage, 2)).run
    calls = storage.journal.calls
    for number in (2, 10, 30):
        await calls.start(call(number, of=first), epoch=1)
        await calls.start(call(number + 1, of=second), epoch=1)
    await calls.finish(first.id, "call_2", epoch=1, ok=True, result="1", now=START)

    ids = [row.call_id for row in await calls.list(first.id)]

    expect_same(ids, ["call_2", "call_10", "call_30"], "The calls")
    expect_same(list(await calls.list("run_unknown")), [], "The calls of an unknown run")


async def gives_the_stored_call_when_started_again(storage: Storage) -> None:
    """`start` of a call that is there gives it as stored and changes nothing: started or finished, it shows."""
    run = (await running(storage)).run
    calls = storage.journal.calls
    await calls.start(call(1, of=run), epoch=1)
    other = call(1, of=run).model_copy(update={"arguments": {"name": "other"}, "started_at": START + 99})

    expect_same(await calls.start(other, epoch=1), call(1, of=run), "What start gave for a started call")
    finished = await calls.finish(run.id, "call_1", epoch=1, ok=True, result='"done"', now=START)
    expect_same(await calls.start(other, epoch=1), finished, "What start gave for a finished call")
    expect_same(list(await calls.list(run.id)), [finished], "The run's calls")


async def finishes_once(storage: Storage) -> None:
    """A second `finish` gives the call as it ended first and changes nothing."""
    run = (await running(storage)).run
    calls = storage.journal.calls
    await calls.start(call(1, of=run), epoch=1)
    finished = await calls.finish(run.id, "call_1", epoch=1, ok=True, result='"first"', now=START)

    again = await calls.finish(run.id, "call_1", epoch=1, ok=False, result='"second"', now=START + 9)

    expect_same(again, finished, "What the second finish gave")
    expect_same(await calls.find(run.id, "call_1"), finished, "The stored call")


async def tells_the_outcome_after_the_end(storage: Storage) -> None:
    """A tool that was at work when its run ended may still tell what came of it."""
    run = (await running(storage)).run
    await storage.journal.calls.start(call(1, of=run), epoch=1)
    await finish(storage, run)

    finished = await storage.journal.calls.finish(run.id, "call_1", epoch=1, ok=True, result='"late"', now=START)

    expect_same((finished.state, finished.result), ("finished", '"late"'), "The call's (state, result)")


async def sees_finished_calls_after_a_take_over(storage: Storage) -> None:
    """The runner that takes over is given the finished call when it starts it again, so no tool runs twice."""
    setting = await running(storage)
    calls, run = storage.journal.calls, setting.run
    await calls.start(call(1, of=run), epoch=1)
    finished = await calls.finish(run.id, "call_1", epoch=1, ok=True, result='"done"', now=START)
    await take(storage, run, runner="runner_2", now=setting.after_lease)

    expect_same(await calls.start(call(1, of=run), epoch=2), finished, "What start gave the new runner")


async def lets_no_stale_finish_through(storage: Storage) -> None:
    """At a run in its second epoch only the second holder starts and finishes calls."""
    run = (await taken_over(storage)).run
    calls = storage.journal.calls

    for epoch in (0, 1, 3):
        attempt = calls.start(call(1, of=run), epoch=epoch)
        await expect_raises(StaleEpoch, attempt, f"start by epoch {epoch} at epoch 2")
    await calls.start(call(1, of=run), epoch=2)

    expect_same(len(await calls.list(run.id)), 1, "The number of calls")


async def keeps_the_whole_text_of_a_cut_result(storage: Storage) -> None:
    """`full_result` gives the text that `finish` was told, None for a result that was not cut; the first counts."""
    run = (await running(storage)).run
    calls = storage.journal.calls
    for number in (1, 2, 3):
        await calls.start(call(number, of=run), epoch=1)
    await calls.finish(run.id, "call_1", epoch=1, ok=True, result="cut", now=START, full=LARGE_TEXT)
    await calls.finish(run.id, "call_1", epoch=1, ok=True, result="cut", now=START, full="second")
    await calls.finish(run.id, "call_2", epoch=1, ok=True, result="whole", now=START)

    expect_same(await calls.full_result(run.id, "call_1"), LARGE_TEXT, "The whole text")
    for call_id in ("call_2", "call_3"):
        expect_same(await calls.full_result(run.id, call_id), None, f"The whole text of {call_id}, which was not cut")
    await expect_raises(NotFound, calls.full_result(run.id, "call_4"), "full_result of an unknown call")
