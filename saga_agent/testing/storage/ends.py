"""What the journal's ends promise: a project goes with everything, at once, and never under the feet of a run."""

from __future__ import annotations

from saga_agent.errors import NotFound, RunBusy
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_raises, expect_same
from saga_agent.testing.storage.lives import SHA256, left_of, live_beside, lived_in
from saga_agent.testing.storage.racing import race
from saga_agent.testing.storage.samples import ELSEWHERE, HOME
from saga_agent.testing.storage.turns import child, finish, held, queued, running, take, thread, turn, waiting

_ALL_KINDS = {
    "threads": 2,
    "runs": 2,
    "grants": 2,
    "audit": 3,
    "changes": 1,
    "vectors": 1,
    "passages": 1,
    "hits": 1,
    "snapshots": 1,
    "default": 1,
}


async def ends_all_of_a_project(storage: Storage) -> None:
    """`project` removes everything the journal holds of the project, whatever it hangs on; repeated, it gives False."""
    journal, setting = storage.journal, await lived_in(storage, 1)
    await live_beside(storage, HOME)
    expect_same(await left_of(storage, HOME), _ALL_KINDS, "What there was before")

    expect_same(await journal.end_project(HOME), True, "Whether there was anything")

    expect_same(await left_of(storage, HOME), {}, "What is left")
    run = setting.run
    await expect_raises(NotFound, journal.blobs.get(HOME, SHA256), "a blob of the project")
    await expect_raises(NotFound, journal.threads.message(run.message_id), "a message of the project")
    await expect_raises(NotFound, journal.streams.get(run.stream_id), "a stream of the project")
    for thread_id in (run.id, f"graph of {run.id}", setting.thread.id):
        expect_same(await journal.checkpoints.get(thread_id, ""), None, f"The checkpoint under {thread_id!r}")
    expect_same(list(await journal.runs.usage(run.id)), [], "The usage")
    expect_same(list(await journal.grants.list("own_1")), [], "The owner's grants")
    expect_same(await journal.end_project(HOME), False, "Whether there was anything at the second time")


async def ends_what_hangs_on_no_thread(storage: Storage) -> None:
    """`project` gives True also where a project without threads had something in the journal."""
    await live_beside(storage, HOME)

    expect_same(await storage.journal.end_project(HOME), True, "Whether there was anything")

    expect_same(await left_of(storage, HOME), {}, "What is left")


async def ends_one_project_only(storage: Storage) -> None:
    """`project` leaves other projects, and all that hangs on them, alone."""
    await lived_in(storage, 1)
    kept = await lived_in(storage, 2, project_id=ELSEWHERE)
    for project_id in (HOME, ELSEWHERE):
        await live_beside(storage, project_id)

    await storage.journal.end_project(HOME)

    journal, run = storage.journal, kept.run
    expect_same(await left_of(storage, ELSEWHERE), _ALL_KINDS, "What is left of the other project")
    expect_same((await journal.blobs.get(ELSEWHERE, SHA256)).media_type, "image/png", "The other project's blob")
    expect_same([row.chunk for row in await journal.streams.read(run.stream_id)], ["{}"], "The other stream's rows")
    for thread_id in (run.id, f"graph of {run.id}", kept.thread.id):
        stored = await journal.checkpoints.get(thread_id, "")
        shape = stored and (list(stored.values), len(stored.writes))
        expect_same(shape, (["a"], 1), f"The other checkpoint under {thread_id!r}, as (values, writes)")


async def refuses_to_end_a_project_at_work(storage: Storage) -> None:
    """While a run of the project, or of a subagent, is queued or running it raises `RunBusy` and removes nothing."""
    await live_beside(storage, HOME)
    end = storage.journal.end_project

    one = await queued(storage, 1)
    await expect_raises(RunBusy, end(HOME), "the end of a project with a queued run")
    await finish(storage, await take(storage, one.run))
    two = await running(storage, 2)
    await expect_raises(RunBusy, end(HOME), "the end of a project with a running run")
    await finish(storage, two.run)
    root = await running(storage, 3)
    below = await held(storage, await child(storage, root.run))
    await storage.journal.runs.pause(root.run.id, epoch=1, parts=())
    await expect_raises(RunBusy, end(HOME), "the end of a project with a subagent at work")

    left = await left_of(storage, HOME)
    expect_same((left["threads"], left["runs"], left["changes"], left["hits"]), (4, 4, 1, 1), "What is there")
    await finish(storage, below.run)


async def ends_a_project_that_waits(storage: Storage) -> None:
    """A run that waits for the writer goes with its project."""
    setting = await waiting(storage, 1)

    await storage.journal.end_project(HOME)

    await expect_raises(NotFound, storage.journal.runs.get(setting.run.id), "a run of the project")


async def refuses_another_owners_project(storage: Storage) -> None:
    """With `owner_id`, a project with a thread of another owner is `NotFound`, and nothing is removed."""
    await lived_in(storage, 1)
    await live_beside(storage, HOME)

    await expect_raises(NotFound, storage.journal.end_project(HOME, owner_id="own_2"), "the end of another's project")

    expect_same(await left_of(storage, HOME), _ALL_KINDS, "What is left")
    expect_same(await storage.journal.end_project(HOME, owner_id="own_1"), True, "Whether there was anything")


async def never_ends_under_a_starting_run(storage: Storage) -> None:
    """When `project` and `Runs.start` race, the project's thread is gone with all of the turn, or there with all."""
    for number in range(8):
        created = await storage.journal.threads.create(thread(number))
        new = turn(1, of=created)

        await race([storage.journal.runs.start(new, now=1.0), storage.journal.end_project(HOME)])

        there = created.id in [row.id for row in (await storage.journal.threads.list("own_1")).items]
        runs = await storage.journal.runs.list(thread_id=created.id)
        messages = await storage.journal.threads.messages(created.id)
        shape = (len(runs), len(messages))
        expect_same(shape, (1, 2) if there else (0, 0), f"The (runs, messages) of a thread that is there: {there}")
        if there:
            await finish(storage, (await storage.journal.runs.take(new.run.id, runner="r", lease_until=9.0, now=1.0)))
