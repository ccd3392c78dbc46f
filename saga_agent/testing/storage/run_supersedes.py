"""What `Runs.start` promises of a waiting run: a new turn ends it whole."""

from __future__ import annotations

from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Approve
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_same
from saga_agent.testing.storage.racing import names_of, race
from saga_agent.testing.storage.turns import START, Setting, approval, call, question, running, turn

_OPEN_STATES = ("input-streaming", "input-available", "approval-requested", "approval-responded")


async def _waiting_with_open_ends(storage: Storage) -> Setting:
    """A run that waits with a pending, a consumed request, a started and a finished call, and open parts."""
    setting = await running(storage)
    journal, run = storage.journal, setting.run
    await journal.requests.open(approval(1, of=run), epoch=1)
    await journal.requests.answer(run.id, {approval(1, of=run).id: Approve()}, actor="own_1", now=START)
    await journal.calls.start(call(1, of=run), epoch=1, consume=approval(1, of=run).id)
    await journal.calls.finish(run.id, "call_1", epoch=1, ok=True, result='"done"', now=START)
    await journal.calls.start(call(2, of=run), epoch=1)
    await journal.requests.open(approval(3, of=run), epoch=1)
    await journal.requests.open(question(4, of=run), epoch=1)
    parts: list[JsonObject] = [
        {"type": "text", "text": "Let me see.", "state": "done"},
        {"type": "tool-a", "toolCallId": "call_1", "state": "output-available", "input": {}, "output": "done"},
        {"type": "tool-a", "toolCallId": "call_2", "state": "input-available", "input": {"name": "Zoë"}},
        {
            "type": "tool-a",
            "toolCallId": "call_3",
            "state": "approval-requested",
            "input": {},
            "approval": {"id": approval(3, of=run).id},
        },
    ]
    paused = await journal.runs.pause(run.id, epoch=1, parts=parts)
    return Setting(storage, setting.thread, paused)


async def supersedes_a_waiting_run(storage: Storage) -> None:
    """A new turn ends a waiting run: run, answer and stream are `stopped`, and the new run is queued."""
    setting = await _waiting_with_open_ends(storage)

    new = await storage.journal.runs.start(turn(2, of=setting.thread), now=START + 60)

    old = await storage.journal.runs.get(setting.run.id)
    message = await storage.journal.threads.message(old.message_id)
    stream = await storage.journal.streams.get(old.stream_id)
    expect_same((old.state, message.state, stream.state), ("stopped",) * 3, "The old (run, answer, stream) states")
    expect_same(old.ended_at, START + 60, "The old run's end")
    expect_same((await storage.journal.runs.get(new.id)).state, "queued", "The new run's state")


async def closes_requests_of_a_superseded_run(storage: Storage) -> None:
    """The pending requests of a superseded run are `superseded`; one that had its effect stays `consumed`."""
    setting = await _waiting_with_open_ends(storage)

    await storage.journal.runs.start(turn(2, of=setting.thread), now=START + 60)

    states = [request.state for request in await storage.journal.requests.list(run_id=setting.run.id)]
    expect_same(states, ["consumed", "superseded", "superseded"], "The request states, oldest first")


async def closes_calls_of_a_superseded_run(storage: Storage) -> None:
    """A superseded run's started calls are finished as not ok, and no tool part of its answer stays open."""
    setting = await _waiting_with_open_ends(storage)

    await storage.journal.runs.start(turn(2, of=setting.thread), now=START + 60)

    calls = await storage.journal.calls.list(setting.run.id)
    outcomes = [(row.call_id, row.state, row.ok) for row in calls]
    expected = [("call_1", "finished", True), ("call_2", "finished", False)]
    expect_same(outcomes, expected, "The calls as (id, state, ok)")
    parts = (await storage.journal.threads.message(setting.run.message_id)).parts
    still_open = [part for part in parts if part.get("state") in _OPEN_STATES]
    expect_same((len(parts), len(still_open)), (4, 0), "The answer's numbers of (parts, open parts)")


async def supersedes_once_when_turns_race(storage: Storage) -> None:
    """Of racing turns on a waiting run exactly one starts; the waiting run is stopped once."""
    setting = await _waiting_with_open_ends(storage)

    turns = [turn(number, of=setting.thread) for number in range(2, 12)]
    won, lost = await race(storage.journal.runs.start(new, now=START) for new in turns)

    expect_same((len(won), names_of(lost)), (1, ["RunBusy"]), "The number of winners and what losers raised")
    states = {run.id: run.state for run in await storage.journal.runs.list(thread_id=setting.thread.id)}
    expect_same(states, {won[0].id: "queued", setting.run.id: "stopped"}, "The runs' states")
