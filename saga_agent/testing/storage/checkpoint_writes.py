"""What the journal's checkpoints promise of pending writes and of the fence."""

from __future__ import annotations

from saga_agent.errors import StaleEpoch
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.checkpoint_rows import blob, row, write
from saga_agent.testing.storage.expect import expect_raises, expect_same
from saga_agent.testing.storage.turns import running, taken_over


async def keeps_the_first_of_equal_writes(storage: Storage) -> None:
    """A write whose (task_id, idx) is there is kept as it was; others beside it are added."""
    put_writes = storage.journal.checkpoints.put_writes
    await storage.journal.checkpoints.put(row(1), {}, fence=None)
    await put_writes("thr_1", "", row(1).id, [write("task", 0, "first")], fence=None)

    again = [write("task", 0, "second"), write("task", 1, "new"), write("other", 0, "other")]
    await put_writes("thr_1", "", row(1).id, again, fence=None)

    stored = await storage.journal.checkpoints.get("thr_1", "")
    expected = [write("other", 0, "other"), write("task", 0, "first"), write("task", 1, "new")]
    expect_same(stored and list(stored.writes), expected, "The writes")


async def replaces_special_writes(storage: Storage) -> None:
    """A write with a negative idx (an error, an interrupt) replaces the one that is there."""
    put_writes = storage.journal.checkpoints.put_writes
    await storage.journal.checkpoints.put(row(1), {}, fence=None)
    for text in ("first", "second"):
        special = [write("task", -1, text, channel=f"channel {text}"), write("task", -3, text)]
        await put_writes("thr_1", "", row(1).id, special, fence=None)

    stored = await storage.journal.checkpoints.get("thr_1", "")
    expected = [write("task", -3, "second"), write("task", -1, "second", channel="channel second")]
    expect_same(stored and list(stored.writes), expected, "The writes")


async def sorts_writes(storage: Storage) -> None:
    """Writes come sorted by (task_path, task_id, idx), the idx as a number, whatever the order of writing."""
    await storage.journal.checkpoints.put(row(1), {}, fence=None)
    expected = [
        write("b", 0, path="1"),
        write("a", -2, path="2"),
        write("a", 2, path="2"),
        write("a", 10, path="2"),
        write("c", 0, path="2"),
    ]

    mixed = [expected[index] for index in (3, 0, 4, 2, 1)]
    await storage.journal.checkpoints.put_writes("thr_1", "", row(1).id, mixed, fence=None)

    stored = await storage.journal.checkpoints.get("thr_1", "")
    expect_same(stored and list(stored.writes), expected, "The writes")


async def takes_writes_before_their_checkpoint(storage: Storage) -> None:
    """Writes may come before their checkpoint, since a graph saves both in the background."""
    await storage.journal.checkpoints.put_writes("thr_1", "", row(1).id, [write("task", 0)], fence=None)

    await storage.journal.checkpoints.put(row(1), {}, fence=None)

    stored = await storage.journal.checkpoints.get("thr_1", "")
    expect_same(stored and list(stored.writes), [write("task", 0)], "The writes")


async def refuses_a_stale_writer(storage: Storage) -> None:
    """With a fence that is not the run's epoch `put` and `put_writes` raise `StaleEpoch` and store nothing."""
    run = (await taken_over(storage)).run
    checkpoints = storage.journal.checkpoints
    own = row(1, thread_id=run.id, versions={"a": "1"}, run_id=run.id)
    await checkpoints.put(own, {"a": blob("new")}, fence=(run.id, 2))

    for epoch in (1, 3):
        fence = (run.id, epoch)
        stale = row(2, thread_id=run.id, versions={"a": "1"}, run_id=run.id)
        attempt = checkpoints.put(stale, {"a": blob("stale")}, fence=fence)
        await expect_raises(StaleEpoch, attempt, f"put with the fence {fence} at epoch 2")
        attempt = checkpoints.put_writes(run.id, "", own.id, [write("task", 0)], fence=fence)
        await expect_raises(StaleEpoch, attempt, f"put_writes with the fence {fence} at epoch 2")

    (stored,) = await checkpoints.list(run.id)
    shape = (stored.row, dict(stored.values), len(stored.writes))
    expect_same(shape, (own, {"a": blob("new")}, 0), "The stored (row, values, number of writes)")


async def lets_the_holder_through(storage: Storage) -> None:
    """With the run's epoch as fence `put` and `put_writes` store; without a fence anybody may."""
    run = (await running(storage)).run
    own = row(1, thread_id=run.id, run_id=run.id)

    await storage.journal.checkpoints.put(own, {}, fence=(run.id, 1))
    await storage.journal.checkpoints.put_writes(run.id, "", own.id, [write("task", 0)], fence=(run.id, 1))
    await storage.journal.checkpoints.put(row(1), {}, fence=None)

    stored = await storage.journal.checkpoints.get(run.id, "")
    expect_same(stored and (stored.row, list(stored.writes)), (own, [write("task", 0)]), "The (row, writes)")
