"""What the journal's checkpoints promise of deleting, copying and being cancelled."""

from __future__ import annotations

from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.checkpoint_rows import blob, ids, put_chain, row, write
from saga_agent.testing.storage.expect import expect_same
from saga_agent.testing.storage.racing import Cut, at_each_moment


async def deletes_threads(storage: Storage) -> None:
    """`delete` of threads removes their checkpoints, values and writes in all namespaces, and no other thread's."""
    checkpoints = storage.journal.checkpoints
    for thread_id in ("thr_1", "thr_2", "thr_3"):
        await put_chain(storage, 2, thread_id=thread_id)
        await put_chain(storage, 1, thread_id=thread_id, ns="sub")
        await checkpoints.put_writes(thread_id, "", row(1).id, [write("task", 0)], fence=None)

    for _ in ("first", "repeated"):
        await checkpoints.delete(thread_ids=["thr_1", "thr_2"])

    for thread_id in ("thr_1", "thr_2"):
        expect_same(ids(await checkpoints.list(thread_id)), [], f"What is left of {thread_id}")
    kept = await checkpoints.list("thr_3", ns="")
    shape = [(sorted(stored.values), len(stored.writes)) for stored in kept]
    expect_same(shape, [(["a", "b"], 0), (["a", "b"], 1)], "The other thread's (values, writes)")
    await checkpoints.put(row(1, versions={"a": "1"}), {}, fence=None)
    again = await checkpoints.get("thr_1", "")
    shape = again and (len(again.values), len(again.writes))
    expect_same(shape, (0, 0), "The numbers of (values, writes) that shine through under the old ids")


async def deletes_runs(storage: Storage) -> None:
    """`delete` of runs removes the checkpoints that carry their `run_id`, with their writes, and no others."""
    checkpoints = storage.journal.checkpoints
    for number, run_id in enumerate(("run_1", "run_2", None, "run_1"), start=1):
        await checkpoints.put(row(number, run_id=run_id, versions={"a": "1"}), {"a": blob("a1")}, fence=None)
    await checkpoints.put_writes("thr_1", "", row(1).id, [write("task", 0)], fence=None)

    await checkpoints.delete(run_ids=["run_1", "run_unknown"])

    left = await checkpoints.list("thr_1")
    expect_same(ids(left), [row(3).id, row(2).id], "The checkpoints that are left")
    expect_same([dict(stored.values) for stored in left], [{"a": blob("a1")}] * 2, "Their values")
    await checkpoints.put(row(1), {}, fence=None)
    again = await checkpoints.get("thr_1", "", row(1).id)
    expect_same(again and len(again.writes), 0, "The number of writes of a deleted checkpoint's id")


async def deletes_single_checkpoints(storage: Storage) -> None:
    """`delete` of (thread_id, ns, id) removes just these; an unknown one does no harm."""
    checkpoints = storage.journal.checkpoints
    for thread_id, ns in (("thr_1", ""), ("thr_1", "sub"), ("thr_2", "")):
        await put_chain(storage, 2, thread_id=thread_id, ns=ns)

    await checkpoints.delete(checkpoints=[("thr_1", "", row(1).id), ("thr_1", "sub", row(2).id), ("thr_9", "", "9")])

    found = {
        (thread_id, ns): ids(await checkpoints.list(thread_id, ns=ns))
        for thread_id, ns in (("thr_1", ""), ("thr_1", "sub"), ("thr_2", ""))
    }
    expected = [[row(2).id], [row(1).id], [row(2).id, row(1).id]]
    expect_same(list(found.values()), expected, "What is left, by thread and namespace")


async def deletes_nothing_when_nothing_is_named(storage: Storage) -> None:
    """`delete` without names removes nothing."""
    await put_chain(storage, 2)

    await storage.journal.checkpoints.delete()

    found = await storage.journal.checkpoints.list("thr_1")
    expect_same([len(stored.values) for stored in found], [2, 2], "The numbers of values of the checkpoints")


async def forgets_values_nobody_uses(storage: Storage) -> None:
    """With a checkpoint go the values that no other one uses; shared ones stay."""
    checkpoints = storage.journal.checkpoints
    await put_chain(storage, 3)

    await checkpoints.delete(checkpoints=[("thr_1", "", row(1).id), ("thr_1", "", row(2).id)])

    left = await checkpoints.get("thr_1", "")
    expect_same(left and dict(left.values), {"a": blob("a3"), "b": blob("b1")}, "The values of the one that is left")
    await checkpoints.put(row(9, versions={"a": "1", "b": "1"}), {}, fence=None)
    probe = await checkpoints.get("thr_1", "", row(9).id)
    expect_same(probe and dict(probe.values), {"b": blob("b1")}, "The old versions that are still stored")


async def copies_a_thread(storage: Storage) -> None:
    """`copy` puts all checkpoints, values and writes, of all namespaces, under another thread id."""
    checkpoints = storage.journal.checkpoints
    await put_chain(storage, 3)
    await put_chain(storage, 1, ns="sub")
    await checkpoints.put_writes("thr_1", "", row(2).id, [write("task", 0), write("task", -1)], fence=None)

    await checkpoints.copy("thr_1", "thr_copy")

    for ns, count in (("", 3), ("sub", 1)):
        source, target = await checkpoints.list("thr_1", ns=ns), await checkpoints.list("thr_copy", ns=ns)
        expect_same((len(source), len(target)), (count, count), f"The checkpoints of (source, copy) in {ns!r}")
        for original, copied in zip(source, target, strict=True):
            expect_same(copied.row.thread_id, "thr_copy", "The copied row's thread")
            same = (original.row.id, original.row.parent_id, original.row.checkpoint, original.row.metadata)
            row_of_copy = (copied.row.id, copied.row.parent_id, copied.row.checkpoint, copied.row.metadata)
            expect_same(row_of_copy, same, "The copied row's (id, parent, checkpoint, metadata)")
            expect_same(dict(copied.values), dict(original.values), "The copied values")
            expect_same(list(copied.writes), list(original.writes), "The copied writes")


async def keeps_a_copy_apart(storage: Storage) -> None:
    """A copy outlives its source, and what happens to the copy does not change the source."""
    checkpoints = storage.journal.checkpoints
    await put_chain(storage, 2)
    await checkpoints.copy("thr_1", "thr_copy")
    await checkpoints.put_writes("thr_copy", "", row(2).id, [write("task", 0)], fence=None)
    source = await checkpoints.get("thr_1", "")
    expect_same(source and len(source.writes), 0, "The number of the source's writes")

    await checkpoints.delete(thread_ids=["thr_1"])

    copied = await checkpoints.get("thr_copy", "")
    expect_same(
        copied and (dict(copied.values), len(copied.writes)),
        ({"a": blob("a2"), "b": blob("b1")}, 1),
        "The copy's (values, writes)",
    )


async def copies_nothing_from_an_unknown_thread(storage: Storage) -> None:
    """`copy` of a thread without checkpoints does nothing."""
    await storage.journal.checkpoints.copy("thr_unknown", "thr_copy")

    expect_same(ids(await storage.journal.checkpoints.list("thr_copy")), [], "The copy")


async def puts_whole_or_not_when_cancelled(storage: Storage) -> None:
    """A cancelled `put` or `put_writes` happened whole or not at all, and the journal goes on working."""
    checkpoints = storage.journal.checkpoints
    versions = {f"channel {number:02}": "1" for number in range(20)}
    values = {channel: blob(channel) for channel in versions}
    writes = [write("task", idx) for idx in range(20)]

    async def attempt(number: int, cut: Cut) -> None:
        own = row(1, thread_id=f"thr_{number}", versions=versions)
        await cut(checkpoints.put(own, values, fence=None))
        stored = await checkpoints.get(own.thread_id, "")
        if stored is not None:
            expect_same(dict(stored.values), values, "The values of a cancelled put that shows")
        await checkpoints.put(own, values, fence=None)
        await cut(checkpoints.put_writes(own.thread_id, "", own.id, writes, fence=None))
        await checkpoints.put_writes(own.thread_id, "", own.id, writes, fence=None)
        stored = await checkpoints.get(own.thread_id, "")
        expect_same(stored and (dict(stored.values), list(stored.writes)), (values, writes), "The (values, writes)")

    await at_each_moment(attempt)
