"""What the journal's requests promise of subagents: the writer sees and answers them at the run they started."""

from __future__ import annotations

from saga_agent.domain.requests import Approve, Deny, Reply, Request
from saga_agent.errors import NotFound
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_ids, expect_raises, expect_same
from saga_agent.testing.storage.turns import START, Setting, approval, child, expect_states, held, question, running


async def _asking_tree(storage: Storage, number: int = 1) -> tuple[Setting, Setting, list[Request]]:
    """A run and its subagent's, both held, with a request of each; the subagent's names its root."""
    root = await running(storage, number)
    below = await held(storage, await child(storage, root.run))
    own = approval(1, of=root.run)
    theirs = question(2, of=below.run).model_copy(update={"root_run_id": root.run.id, "agent_path": below.run.path})
    for request in (own, theirs):
        await storage.journal.requests.open(request, epoch=1)
    return root, below, [own, theirs]


async def lists_the_requests_of_a_tree(storage: Storage) -> None:
    """With `root_run_id` `list` gives that run's requests and its subagents'; one that names no root is its run's."""
    root, below, (own, theirs) = await _asking_tree(storage, 1)
    await _asking_tree(storage, 2)
    requests = storage.journal.requests
    named = approval(3, of=root.run).model_copy(update={"root_run_id": root.run.id})
    await requests.open(named, epoch=1)

    expect_ids(await requests.list(root_run_id=root.run.id), [own.id, theirs.id, named.id], "The tree's requests")
    expect_ids(await requests.list(root_run_id=root.run.id, run_id=below.run.id), [theirs.id], "The subagent's")
    expect_ids(await requests.list(root_run_id=below.run.id), [], "The tree of a run that is no root")
    expect_ids(await requests.list(root_run_id=root.run.id, states=["answered"]), [], "The answered ones")


async def answers_a_tree_at_its_root(storage: Storage) -> None:
    """`answer` at the root stores replies to its own requests and its subagents', and queues each run that waits."""
    root, below, (own, theirs) = await _asking_tree(storage)
    for run in (below.run, root.run):
        await storage.journal.runs.pause(run.id, epoch=1, parts=())

    replies: dict[str, Reply] = {own.id: Approve(), theirs.id: Deny()}
    woken = await storage.journal.requests.answer(root.run.id, replies, actor="own_1", now=START)

    expect_same(sorted(woken), sorted([root.run.id, below.run.id]), "The ids that answer gave")
    for run in (root.run, below.run):
        await expect_states(storage, run, "queued")


async def wakes_the_run_that_asked_alone(storage: Storage) -> None:
    """An answer to a subagent's request queues the subagent's run; the root that waits for it goes on waiting."""
    root, below, (_, theirs) = await _asking_tree(storage)
    requests = storage.journal.requests
    for run in (below.run, root.run):
        await storage.journal.runs.pause(run.id, epoch=1, parts=())

    woken = await requests.answer(root.run.id, {theirs.id: Approve()}, actor="own_1", now=START)

    expect_same(list(woken), [below.run.id], "The ids that answer gave")
    await expect_states(storage, root.run, "waiting")
    again = await requests.answer(root.run.id, {theirs.id: Approve()}, actor="own_1", now=START)
    expect_same(list(again), [], "The ids that a repeated answer gave")


async def gives_no_run_at_work(storage: Storage) -> None:
    """`answer` gives no id of a run that is running: it sees the answer by itself."""
    root, _, (own, theirs) = await _asking_tree(storage)

    replies: dict[str, Reply] = {own.id: Approve(), theirs.id: Deny()}
    woken = await storage.journal.requests.answer(root.run.id, replies, actor="own_1", now=START)

    expect_same(list(woken), [], "The ids that answer gave")


async def answers_no_other_tree(storage: Storage) -> None:
    """A subagent's run cannot answer its root's requests, nor a root those of another tree: `NotFound`."""
    _, below, (own, theirs) = await _asking_tree(storage, 1)
    other, _, _ = await _asking_tree(storage, 2)
    requests = storage.journal.requests

    for run, request in ((below.run, own), (other.run, theirs)):
        attempt = requests.answer(run.id, {request.id: Approve()}, actor="own_1", now=START)
        await expect_raises(NotFound, attempt, f"an answer at {run.id} to {request.id}")

    states = [(await requests.get(request.id)).state for request in (own, theirs)]
    expect_same(states, ["pending", "pending"], "The requests' states")
