"""What the journal promises of threads that change hands."""

from __future__ import annotations

from saga_agent.errors import RunBusy
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage import turns
from saga_agent.testing.storage.expect import expect_ids, expect_raises, expect_same

_OLD, _NEW = "own_1", "own_2"


async def gives_an_owners_threads_to_another(storage: Storage) -> None:
    """`reassign` moves threads, runs, grants and audit of one owner, all and only theirs."""
    setting = await turns.running(storage)
    request = turns.approval(1, of=setting.run)
    entry = turns.audit_entry(1, of=setting.run)
    await storage.journal.requests.open(request, epoch=setting.run.epoch, audit=[entry])
    await turns.finish(storage, setting.run)
    other = await storage.journal.threads.create(turns.thread(9, owner_id="own_3"))

    moved = await storage.journal.threads.reassign(_OLD, _NEW)

    expect_same(moved, 1, "The number of moved threads")
    expect_ids(await storage.journal.threads.list(_OLD), [], "The old owner's threads")
    expect_ids(await storage.journal.threads.list(_NEW), [setting.thread.id], "The new owner's threads")
    expect_ids(await storage.journal.runs.list(owner_id=_NEW), [setting.run.id], "The new owner's runs")
    expect_ids((await storage.journal.audit.list(_NEW)).items, [entry.id], "The new owner's audit")
    expect_same((await storage.journal.threads.get(other.id)).owner_id, "own_3", "A stranger's thread's owner")
    expect_same(await storage.journal.threads.reassign(_OLD, _NEW), 0, "The number at a repetition")


async def keeps_both_chats_of_one_name(storage: Storage) -> None:
    """A moved thread whose chat_id the new owner uses already is found by its own id."""
    threads = storage.journal.threads
    moved = await threads.create(turns.thread(1))
    kept = await threads.create(turns.thread(2, owner_id=_NEW).model_copy(update={"chat_id": moved.chat_id}))

    await threads.reassign(_OLD, _NEW)

    for chat_id, wanted in ((moved.chat_id, kept.id), (moved.id, moved.id)):
        found = await threads.find(_NEW, chat_id)
        expect_same(found and found.id, wanted, f"The thread of chat {chat_id!r}")


async def moves_nothing_while_a_run_is_at_work(storage: Storage) -> None:
    """`reassign` raises `RunBusy` while a run of the owner is queued or running, and moves nothing."""
    setting = await turns.queued(storage)

    await expect_raises(RunBusy, storage.journal.threads.reassign(_OLD, _NEW), "reassign beside a queued run")

    expect_ids(await storage.journal.threads.list(_OLD), [setting.thread.id], "The old owner's threads")
