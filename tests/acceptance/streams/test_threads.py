"""Many at once, and many answers at once. Scenarios 19 and 25."""

from __future__ import annotations

import asyncio

import pytest

from saga_agent.app import Saga
from saga_agent.domain.journal import END_STATES
from saga_agent.domain.requests import Approve, Deny, Reply
from saga_agent.errors import RequestClosed, RunBusy
from saga_agent.models.script import Call, Say, Turn
from tests.acceptance.streams.cast import Talker, marks_in
from tests.acceptance.streams.logs import text_of
from tests.acceptance.streams.worlds import World, log_of, new_thread, reap, send, settled


async def test_scenario_19_concurrent_streams(world: World) -> None:
    """Eight agents at once. One live run a thread is the rule, so each has a thread of its own, as a subagent has."""
    saga = await world.open(model=Talker(lambda number: f"{number} ", 0))
    project = await saga.story.projects.create(name="A book")
    talkers = [await world.open(model=Talker(lambda n, k=k: f"{k}:{n} ", 100, seconds_each=0.001)) for k in range(8)]
    threads = [await saga.threads.create(project_id=project.id) for _ in talkers]

    runs = await asyncio.gather(*(each.send(thread.id, "Go") for each, thread in zip(talkers, threads, strict=True)))
    messages = await asyncio.gather(*(run.result() for run in runs))

    for k, (run, message) in enumerate(zip(runs, messages, strict=True)):
        log = await log_of(saga, run.stream_id)
        assert [event.seq for event in log] == list(range(1, len(log) + 1))
        assert message.text == text_of(log) == "".join(f"{k}:{n} " for n in range(100))
        assert [m.id for m in await saga.threads.messages(threads[k].id)][-1] == message.id


async def test_scenario_19_a_50_way_race_for_one_thread(world: World) -> None:
    """One wins, the others hear that the thread is busy; again and again, no place in the thread is given twice."""
    sagas = [await world.open(model=Talker(str, 3)) for _ in range(2)]
    thread = await new_thread(sagas[0])

    async def attempt(saga: Saga) -> str | None:
        try:
            return (await saga.send(thread.id, "Go")).id
        except RunBusy:
            return None

    winners: list[str] = []
    for _ in range(3):
        outcomes = await asyncio.gather(*(attempt(sagas[number % 2]) for number in range(50)))
        winners += (won := [outcome for outcome in outcomes if outcome])
        for run_id in won:
            await (await sagas[0].run(run_id)).result()

    messages = await sagas[0].threads.messages(thread.id)
    places = [(message.order, message.step_order) for message in messages]
    assert len(winners) >= 3
    assert places == [(order, step) for order in range(1, len(winners) + 1) for step in (0, 1)]
    assert all(run.state in END_STATES for run in await sagas[0].runs(thread_id=thread.id))


async def test_scenario_19_a_second_live_stream_for_an_answer_is_refused(world: World) -> None:
    saga = await world.open(Turn(calls=[Call("sleep")]))
    run = await send(saga)
    others = await asyncio.gather(*(saga.send(run.thread_id, "Me too") for _ in range(10)), return_exceptions=True)

    assert all(isinstance(other, RunBusy) for other in others)
    assert len(await saga.threads.messages(run.thread_id)) == 2
    await saga.stop(run.id)


async def decide(saga: Saga, run_id: str) -> dict[str, Reply]:
    """Approves the first three of all that is asked, and denies the rest."""
    requests = await saga.requests(run_id=run_id)
    chosen = {"m0", "m1", "m2"}
    return {r.id: Approve() if r.arguments["name"] in chosen else Deny() for r in requests}  # pyright: ignore


@pytest.mark.slow
async def test_scenario_25_approval_across_restart(shared: World) -> None:
    worker = await shared.worker("approvals")
    await worker.until("state", lambda state: state == "waiting")
    await worker.kill()
    saga = await shared.open(Say("Three are marked."))
    replies = await decide(saga, worker.run_id)
    assert len(replies) == 56

    await saga.answer(worker.run_id, replies)
    message = await (await saga.run(worker.run_id)).result()

    assert sorted(marks_in(shared.marks)) == ["m0", "m1", "m2"]
    states = [part["state"] for part in message.parts if "toolCallId" in part]
    assert (states.count("output-available"), states.count("output-denied")) == (3, 53)
    assert message.text == "Three are marked."
    for request_id, reply in list(replies.items())[:4]:
        other = Deny() if isinstance(reply, Approve) else Approve()
        with pytest.raises(RequestClosed):
            await saga.answer(worker.run_id, {request_id: other})
    assert sorted(marks_in(shared.marks)) == ["m0", "m1", "m2"]


async def test_scenario_25_answered_but_not_taken_up(world: World) -> None:
    """The process dies right after it has stored the answers: another one takes the run up, and runs each tool once."""
    calls = [Call("write_mark", {"name": f"m{number}"}, id=f"c{number}") for number in range(5)]
    first_saga = await world.open(Turn(calls=calls))
    run = await send(first_saga)
    [chunk async for chunk in run.chunks()]
    replies = await decide(first_saga, run.id)
    journal = first_saga.storage.journal
    await journal.requests.answer(run.id, replies, actor="local", now=first_saga._engine.clock.now())

    other = await world.open(Say("Done."))
    other._engine.runner.start(await journal.runs.get(run.id))
    await other._engine.runner.wait(run.id)

    assert (await run.result()).text == "Done."
    assert sorted(marks_in(world.marks)) == ["m0", "m1", "m2"]


async def test_scenario_25_no_answer_after_an_automatic_denial(world: World) -> None:
    """A new message supersedes what was asked; an approval that comes later frees nothing."""
    saga = await world.open(Turn(calls=[Call("write_mark", {"name": "x"})]), Say("Something else."))
    run = await send(saga)
    [chunk async for chunk in run.chunks()]
    (request,) = await run.requests()

    await (await saga.send(run.thread_id, "Never mind")).result()

    for reply in (Approve(), Deny()):
        with pytest.raises(RequestClosed, match="superseded"):
            await saga.answer(run.id, {request.id: reply})
    await reap(saga)
    assert marks_in(world.marks) == []
    assert (await settled(saga, run.id))[0].state == "stopped"
    assert [event.chunk.type async for event in saga.follow(run.stream_id)][-1] == "abort"
