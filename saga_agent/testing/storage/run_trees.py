"""What the journal's runs promise of subagents: a run's descendants are found, stopped and ended with it."""

from __future__ import annotations

from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_ids, expect_same
from saga_agent.testing.storage.turns import (
    START,
    Setting,
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


async def lists_children(storage: Storage) -> None:
    """With `parent_run_id` `list` gives the runs that serve that run's calls, not their own subagents."""
    root = await running(storage)
    first, second = await child(storage, root.run, 1), await child(storage, root.run, 2)
    await child(storage, first.run)
    runs = storage.journal.runs

    ids = sorted([first.run.id, second.run.id], reverse=True)
    expect_ids(await runs.list(parent_run_id=root.run.id), ids, "The run's children")
    expect_ids(await runs.list(parent_run_id=root.run.id, thread_id=second.thread.id), [second.run.id], "One of them")
    expect_ids(await runs.list(parent_run_id=second.run.id), [], "The children of a run that has none")


async def stops_descendants(storage: Storage) -> None:
    """`request_stop` marks the run's live descendants too, also below one that has ended; nobody else's."""
    root, other = await running(storage, 1), await running(storage, 2)
    ended = await held(storage, await child(storage, root.run, 1))
    below, beside = await child(storage, ended.run), await paused(storage, await child(storage, root.run, 2))
    foreign = await child(storage, other.run)
    await finish(storage, ended.run)

    given = await storage.journal.runs.request_stop(root.run.id)

    expect_same((given.id, given.stop_requested), (root.run.id, True), "What request_stop gave (run, marked)")
    expected = {below: True, beside: True, ended: False, other: False, foreign: False}
    await _expect_marks(storage, {setting.run.id: marked for setting, marked in expected.items()})


async def stops_no_ancestors(storage: Storage) -> None:
    """`request_stop` of a subagent's run leaves its parent and its siblings alone."""
    root = await running(storage)
    one, other = await child(storage, root.run, 1), await child(storage, root.run, 2)

    await storage.journal.runs.request_stop(one.run.id)

    await _expect_marks(storage, {one.run.id: True, other.run.id: False, root.run.id: False})


async def stops_below_an_ended_run(storage: Storage) -> None:
    """`request_stop` on an ended run leaves it as it is, and marks the descendants that still live."""
    root = await running(storage)
    below = await child(storage, root.run)
    ended = await finish(storage, root.run)

    expect_same(await storage.journal.runs.request_stop(ended.id), ended, "What request_stop gave")

    await _expect_marks(storage, {ended.id: False, below.run.id: True})


async def supersedes_descendants_nobody_holds(storage: Storage) -> None:
    """A new turn ends a waiting run's queued and waiting descendants with it, their requests and calls too."""
    root, asking = await _waiting_tree(storage)
    queued = await child(storage, root.run, 2)

    await storage.journal.runs.start(turn(2, of=root.thread), now=START + 60)

    for run in (root.run, asking.run, queued.run):
        await expect_states(storage, run, "stopped")
        ended = await storage.journal.runs.get(run.id)
        expect_same((ended.reason_code, ended.ended_at), ("superseded", START + 60), "The run's (reason code, end)")
    expect_same(
        (await storage.journal.requests.get(approval(1, of=asking.run).id)).state, "superseded", "The request's state"
    )
    closed = await storage.journal.calls.find(asking.run.id, "call_2")
    expect_same((closed and closed.state, closed and closed.ok), ("finished", False), "The started call's (state, ok)")


async def marks_held_descendants_of_a_superseded_run(storage: Storage) -> None:
    """A new turn marks a waiting run's running descendants to be stopped, and ends what waits below them."""
    root = await running(storage)
    at_work = await held(storage, await child(storage, root.run, 1))
    below = await child(storage, at_work.run)
    await storage.journal.runs.pause(root.run.id, epoch=1, parts=())

    await storage.journal.runs.start(turn(2, of=root.thread), now=START + 60)

    expected = at_work.run.model_copy(update={"stop_requested": True})
    expect_same(await storage.journal.runs.get(at_work.run.id), expected, "The run at work")
    await expect_states(storage, below.run, "stopped")


async def supersedes_no_other_tree(storage: Storage) -> None:
    """A new turn leaves the runs of other threads and their subagents alone, and an ended child as it ended."""
    root, other = await running(storage, 1), await running(storage, 2)
    foreign = await child(storage, other.run)
    ended = await finish(storage, (await held(storage, await child(storage, root.run))).run)
    await storage.journal.calls.start(call(1, of=root.run), epoch=1)
    await storage.journal.calls.finish(root.run.id, "call_1", epoch=1, ok=True, result="1", now=START)
    await storage.journal.runs.pause(root.run.id, epoch=1, parts=())

    await storage.journal.runs.start(turn(2, of=root.thread), now=START + 60)

    for run in (other.run, foreign.run, ended):
        expect_same(await storage.journal.runs.get(run.id), run, "A run that is none of the superseded")


async def _waiting_tree(storage: Storage) -> tuple[Setting, Setting]:
    """A run that waits for a subagent that waits for the writer, with a request and a started call."""
    root = await running(storage)
    asking = await held(storage, await child(storage, root.run))
    await storage.journal.requests.open(approval(1, of=asking.run), epoch=1)
    await storage.journal.calls.start(call(2, of=asking.run), epoch=1)
    for run in (asking.run, root.run):
        await storage.journal.runs.pause(run.id, epoch=1, parts=())
    return root, asking


async def _expect_marks(storage: Storage, expected: dict[str, bool]) -> None:
    marks = {run_id: (await storage.journal.runs.get(run_id)).stop_requested for run_id in expected}
    expect_same(marks, expected, "The runs marked to be stopped")
