"""What the journal promises of a parent that waits for its subagents: no end of a child is missed."""

from __future__ import annotations

from saga_agent.domain.journal import END_STATES, EndState, Run
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_same
from saga_agent.testing.storage.racing import race
from saga_agent.testing.storage.turns import (
    START,
    approval,
    call,
    child,
    expect_states,
    finish,
    held,
    paused,
    running,
    turn,
)


async def _pause(storage: Storage, run: Run) -> Run:
    return await storage.journal.runs.pause(run.id, epoch=run.epoch, parts=())


async def _end(storage: Storage, run: Run, state: EndState) -> Run:
    return await storage.journal.runs.finish(
        run.id, epoch=run.epoch, state=state, parts=None, metadata={}, reason="", usage=[], now=START
    )


async def wakes_a_waiting_parent(storage: Storage) -> None:
    """The end of a subagent's run, whatever end, queues the parent that waits, its message and stream too."""
    for number, state in enumerate(END_STATES):
        root = await running(storage, number)
        serving = await held(storage, await child(storage, root.run))
        await _pause(storage, root.run)

        await _end(storage, serving.run, state)

        await expect_states(storage, root.run, "queued")


async def wakes_a_parent_once(storage: Storage) -> None:
    """A repeated end wakes nobody: a parent that waits for another child goes on waiting."""
    root = await running(storage)
    serving = await held(storage, await child(storage, root.run))
    await storage.journal.calls.start(call(1, of=root.run), epoch=1)
    await storage.journal.calls.finish(root.run.id, "call_1", epoch=1, ok=True, result="1", now=START)
    await finish(storage, serving.run)
    await _pause(storage, root.run)

    await finish(storage, serving.run)

    await expect_states(storage, root.run, "waiting")


async def wakes_no_parent_at_work(storage: Storage) -> None:
    """The end of a subagent's run leaves a parent alone that runs, is queued, or has ended."""
    for number in (1, 2, 3):
        root = await running(storage, number)
        serving = await held(storage, await child(storage, root.run))
        if number > 1:
            await finish(storage, root.run)
        before = await storage.journal.runs.get(root.run.id)

        await finish(storage, serving.run)

        expect_same(await storage.journal.runs.get(root.run.id), before, "The parent")


async def wakes_the_parent_of_a_superseded_child(storage: Storage) -> None:
    """A new turn in a waiting subagent's thread ends that run like any end: its waiting parent is queued."""
    root = await running(storage)
    asking = await paused(storage, await child(storage, root.run))
    await _pause(storage, root.run)

    await storage.journal.runs.start(turn(2, of=asking.thread), now=START + 60)

    await expect_states(storage, asking.run, "stopped")
    await expect_states(storage, root.run, "queued")


async def queues_a_pausing_parent_whose_child_has_ended(storage: Storage) -> None:
    """`pause` gives `queued` when a child has ended meanwhile whose call is not finished yet."""
    for number in (1, 2):
        root = await running(storage, number)
        serving = await held(storage, await child(storage, root.run))
        if number == 2:
            await storage.journal.calls.start(call(1, of=root.run), epoch=1)
        await finish(storage, serving.run)

        expect_same((await _pause(storage, root.run)).state, "queued", "The parent's state")
        await expect_states(storage, root.run, "queued")


async def waits_when_its_children_are_taken_up(storage: Storage) -> None:
    """`pause` gives `waiting` when every ended child's call is finished, or it serves none, or a child still lives."""
    root = await running(storage)
    taken_up = await held(storage, await child(storage, root.run, 1, call_id="call_1"))
    serving_none = await held(storage, await child(storage, root.run, 2, call_id=None))
    await child(storage, root.run, 3, call_id="call_3")
    await storage.journal.calls.start(call(1, of=root.run), epoch=1)
    await storage.journal.calls.finish(root.run.id, "call_1", epoch=1, ok=True, result="1", now=START)
    for serving in (taken_up, serving_none):
        await finish(storage, serving.run)

    expect_same((await _pause(storage, root.run)).state, "waiting", "The parent's state")


async def misses_no_end_when_it_races_with_the_pause(storage: Storage) -> None:
    """When a child's end races with its parent's pause, the parent is queued in the end."""
    for number in range(8):
        root = await running(storage, number)
        serving = await held(storage, await child(storage, root.run))

        verbs = [finish(storage, serving.run), _pause(storage, root.run)]
        await race(verbs if number % 2 else reversed(verbs))

        await expect_states(storage, root.run, "queued")


async def queues_a_pausing_run_whose_request_is_over(storage: Storage) -> None:
    """`pause` gives `queued` when a request of the run has expired meanwhile, until that request's call is finished."""
    run = (await running(storage)).run
    journal = storage.journal
    await journal.requests.open(approval(1, of=run).model_copy(update={"expires_at": START}), epoch=1)
    await journal.requests.expire(now=START)

    expect_same((await _pause(storage, run)).state, "queued", "The run's state")
    again = await journal.runs.take(run.id, runner="runner_1", lease_until=START + 9, now=START)
    settled = {"state": "finished", "ok": False, "refused": True}
    await journal.calls.start(call(1, of=run).model_copy(update=settled), epoch=2)
    expect_same((await _pause(storage, again)).state, "waiting", "The run's state when the call is finished")
