"""What `Threads.delete` promises: a thread goes with all that hangs on it."""

from __future__ import annotations

from saga_agent.errors import NotFound, RunBusy
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_ids, expect_raises, expect_same
from saga_agent.testing.storage.lives import lived_in
from saga_agent.testing.storage.racing import race
from saga_agent.testing.storage.turns import (
    approval,
    call,
    child,
    finish,
    held,
    queued,
    running,
    taken_over,
    thread,
    turn,
    waiting,
)


async def deletes_all_that_hangs_on_a_thread(storage: Storage) -> None:
    """`delete` removes messages, runs, log, requests, calls, usage and checkpoints; nothing of them can be found."""
    setting = await lived_in(storage, 1)
    journal, run = storage.journal, setting.run

    await journal.threads.delete(setting.thread.id)

    await expect_raises(NotFound, journal.threads.get(setting.thread.id), "get of a deleted thread")
    await expect_raises(NotFound, journal.threads.message(run.message_id), "message of a deleted thread")
    await expect_raises(NotFound, journal.runs.get(run.id), "a run of a deleted thread")
    await expect_raises(NotFound, journal.streams.get(run.stream_id), "a stream of a deleted thread")
    await expect_raises(NotFound, journal.requests.get(approval(1, of=run).id), "a request of a deleted thread")
    expect_same(await journal.calls.find(run.id, "call_1"), None, "A call of a deleted thread")
    expect_ids(await journal.runs.list(thread_id=setting.thread.id), [], "The runs of a deleted thread")
    expect_ids(await journal.requests.list(thread_id=setting.thread.id), [], "The requests of a deleted thread")
    for thread_id in (run.id, f"graph of {run.id}", setting.thread.id):
        expect_same(await journal.checkpoints.get(thread_id, ""), None, f"The checkpoint under {thread_id!r}")


async def deletes_subagents_with_their_thread(storage: Storage) -> None:
    """`delete` removes the threads of the subagents that the thread's runs called, and all that hangs on those."""
    setting = await lived_in(storage, 1)
    journal = storage.journal
    below = (await journal.runs.list(parent_run_id=setting.run.id))[0]
    deep = await child(storage, below)
    await journal.runs.finish(
        deep.run.id, epoch=None, state="stopped", parts=None, metadata={}, reason="", usage=[], now=below.created_at
    )

    await journal.threads.delete(setting.thread.id)

    for run in (below, deep.run):
        await expect_raises(NotFound, journal.threads.get(run.thread_id), "get of a subagent's thread")
        await expect_raises(NotFound, journal.runs.get(run.id), "a subagent's run")
        await expect_raises(NotFound, journal.threads.message(run.message_id), "a subagent's message")
        await expect_raises(NotFound, journal.streams.get(run.stream_id), "a subagent's stream")
    await expect_raises(NotFound, journal.requests.get(approval(1, of=below).id), "a subagent's request")
    expect_same(await journal.calls.find(below.id, "call_1"), None, "A subagent's call")
    expect_same(await journal.checkpoints.get(below.id, ""), None, "A subagent's checkpoint")
    expect_ids(await journal.threads.list("own_1", children=True), [], "The owner's threads")


async def deletes_grants_and_audit(storage: Storage) -> None:
    """`delete` removes the audit of the thread's runs, and the grants for them and for the thread; no others."""
    gone, kept = await lived_in(storage, 1), await lived_in(storage, 2)
    journal, owner_id = storage.journal, kept.run.owner_id
    before = [row.id for row in await journal.grants.list(owner_id)]
    of_project = [row.id for row in await journal.grants.list(owner_id, scope_id=gone.run.project_id)]

    await journal.threads.delete(gone.thread.id)

    left = [row.id for row in await journal.grants.list(owner_id)]
    expected = [each for each in before if kept.run.id in each or each in of_project]
    expect_same((len(before), len(of_project), left), (12, 4, expected), "The grants before, of the project, and left")
    entries = (await journal.audit.list(owner_id)).items
    below = (await journal.runs.list(parent_run_id=kept.run.id))[0]
    expect_same(sorted(entry.run_id for entry in entries), sorted([kept.run.id, below.id]), "The runs with an audit")


async def refuses_to_delete_a_thread_whose_subagent_works(storage: Storage) -> None:
    """`delete` raises `RunBusy` while a subagent of the thread's runs is at work, and removes nothing."""
    root = await running(storage)
    below = await held(storage, await child(storage, root.run))
    await storage.journal.runs.pause(root.run.id, epoch=1, parts=())

    await expect_raises(RunBusy, storage.journal.threads.delete(root.thread.id), "delete while a subagent works")

    expect_same((await storage.journal.runs.get(root.run.id)).state, "waiting", "The root run's state")
    expect_same(await storage.journal.threads.get(below.thread.id), below.thread, "The subagent's thread")


async def leaves_nothing_for_a_thread_of_the_same_id(storage: Storage) -> None:
    """After `delete` the same ids can be used again, and nothing of the old thread shines through."""
    setting = await lived_in(storage, 1)
    await storage.journal.threads.delete(setting.thread.id)

    again = await running(storage, 1)

    journal, run = storage.journal, again.run
    expect_same([row.seq for row in await journal.streams.read(run.stream_id)], [], "The new stream's rows")
    expect_same(list(await journal.runs.usage(run.id)), [], "The new run's usage")
    expect_same(list(await journal.calls.list(run.id)), [], "The new run's calls")
    expect_ids(await journal.requests.list(run_id=run.id), [], "The new run's requests")
    await journal.calls.start(call(1, of=run), epoch=1)
    expect_same(await journal.calls.full_result(run.id, "call_1"), None, "The whole result of the new run's call")
    expect_same(len(await journal.threads.messages(again.thread.id)), 2, "The number of messages of the new thread")


async def deletes_one_thread_only(storage: Storage) -> None:
    """`delete` leaves other threads and all that hangs on them alone."""
    gone, kept = await lived_in(storage, 1), await lived_in(storage, 2)
    journal, run = storage.journal, kept.run

    await journal.threads.delete(gone.thread.id)

    expect_same(len(await journal.threads.messages(kept.thread.id)), 2, "The number of the other thread's messages")
    expect_same((await journal.runs.get(run.id)).state, "finished", "The other run's state")
    expect_same([row.chunk for row in await journal.streams.read(run.stream_id)], ["{}"], "The other stream's rows")
    expect_same(len(await journal.runs.usage(run.id)), 1, "The number of the other run's usage rows")
    expect_same(len(await journal.calls.list(run.id)), 1, "The number of the other run's calls")
    expect_same(len(await journal.requests.list(run_id=run.id)), 1, "The number of the other run's requests")
    for thread_id in (run.id, f"graph of {run.id}", kept.thread.id):
        stored = await journal.checkpoints.get(thread_id, "")
        shape = stored and (list(stored.values), len(stored.writes))
        expect_same(shape, (["a"], 1), f"The other checkpoint under {thread_id!r}, as (values, writes)")


async def refuses_to_delete_a_thread_at_work(storage: Storage) -> None:
    """`delete` raises `RunBusy` while a run is queued or running, and removes nothing."""
    settings = [await queued(storage, 1), await running(storage, 2), await taken_over(storage, 3)]
    for setting in settings:
        attempt = storage.journal.threads.delete(setting.thread.id)
        await expect_raises(RunBusy, attempt, f"delete of a thread with a {setting.run.state} run")

        expect_same(await storage.journal.runs.get(setting.run.id), setting.run, "The run after the refusal")
        count = len(await storage.journal.threads.messages(setting.thread.id))
        expect_same(count, 2, "The number of messages after the refusal")


async def deletes_a_thread_that_waits_or_is_empty(storage: Storage) -> None:
    """A thread whose run waits, or that has no run, can be deleted; its chat_id is free again."""
    setting = await waiting(storage, 1)
    await storage.journal.threads.create(thread(2))

    for number in (1, 2):
        await storage.journal.threads.delete(thread(number).id)
        await storage.journal.threads.create(thread(number + 10).model_copy(update={"chat_id": f"chat-{number}"}))

    await expect_raises(NotFound, storage.journal.runs.get(setting.run.id), "a run of a deleted thread")
    expect_ids(await storage.journal.threads.list("own_1"), ["thr_0012", "thr_0011"], "The owner's threads")


async def never_deletes_under_a_starting_run(storage: Storage) -> None:
    """When `delete` and `Runs.start` race, the thread is gone with all of the turn, or there with all of it."""
    for number in range(8):
        created = await storage.journal.threads.create(thread(number))
        new = turn(1, of=created)

        await race([storage.journal.runs.start(new, now=1.0), storage.journal.threads.delete(created.id)])

        there = created.id in [row.id for row in (await storage.journal.threads.list("own_1")).items]
        runs = await storage.journal.runs.list(thread_id=created.id)
        messages = await storage.journal.threads.messages(created.id)
        shape = (len(runs), len(messages))
        expect_same(shape, (1, 2) if there else (0, 0), f"The (runs, messages) of a thread that is there: {there}")
        if there:
            await finish(storage, (await storage.journal.runs.take(new.run.id, runner="r", lease_until=9.0, now=1.0)))
