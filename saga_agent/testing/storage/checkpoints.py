"""What the journal's checkpoints promise of writing and reading."""

from __future__ import annotations

from saga_agent.domain.checkpoint import Blob, CheckpointRow, WriteRow
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.checkpoint_rows import blob, ids, put_chain, row, write
from saga_agent.testing.storage.expect import expect, expect_same
from saga_agent.testing.storage.samples import EVERY_SCRIPT, LARGE_TEXT

BYTES = bytes(range(256))


async def keeps_every_field(storage: Storage) -> None:
    """Rows, values and writes come back exactly: all bytes, types, text, and the versions by channel."""
    full = CheckpointRow(
        thread_id="thr “1”",
        ns="graph|sub:1",
        id="1ef-a",
        parent_id="1ef-0",
        checkpoint=Blob("json+x", BYTES),
        metadata=f'{{"source": "{EVERY_SCRIPT.encode("unicode_escape").hex()}", "step": -1}}',
        versions={"kanál 🏰": "00001.5", "b": "1"},
        run_id="run_1",
    )
    values = {"kanál 🏰": Blob("bytes", BYTES), "b": Blob("null", b"")}
    pending = WriteRow(task_id="task", task_path="~a, 1", idx=3, channel="kanál 🏰", value=Blob("pickle", BYTES))

    await storage.journal.checkpoints.put(full, values, fence=None)
    await storage.journal.checkpoints.put_writes(full.thread_id, full.ns, full.id, [pending], fence=None)

    stored = await storage.journal.checkpoints.get(full.thread_id, full.ns, full.id)
    expect(stored is not None, "get gives None for a checkpoint that was put.")
    assert stored is not None
    expect_same(stored.row, full, "The row")
    expect_same(dict(stored.values), values, "The values")
    expect_same(list(stored.writes), [pending], "The writes")


async def keeps_large_values(storage: Storage) -> None:
    """A value of more than a megabyte comes back whole."""
    large = blob(LARGE_TEXT)

    await storage.journal.checkpoints.put(row(1, versions={"a": "1"}), {"a": large}, fence=None)

    stored = await storage.journal.checkpoints.get("thr_1", "")
    expect(stored is not None and stored.values["a"] == large, "A value of a megabyte does not come back as it was.")


async def gives_the_newest(storage: Storage) -> None:
    """Without an id `get` gives the greatest id of the namespace, whatever the order of writing."""
    for number in (2, 10, 9, 1):
        await storage.journal.checkpoints.put(row(number), {}, fence=None)
    await storage.journal.checkpoints.put(row(11, ns="sub"), {}, fence=None)
    await storage.journal.checkpoints.put(row(12, thread_id="thr_2"), {}, fence=None)
    get = storage.journal.checkpoints.get

    newest, second = await get("thr_1", ""), await get("thr_1", "", row(2).id)

    expect_same([stored and stored.row.id for stored in (newest, second)], [row(10).id, row(2).id], "(newest, by id)")
    expect_same(await get("thr_1", "", row(11).id), None, "A checkpoint of another namespace")
    expect_same(await get("thr_unknown", ""), None, "The newest of an unknown thread")


async def joins_values_by_version(storage: Storage) -> None:
    """A checkpoint's values are those of its versions, also ones that an earlier checkpoint stored."""
    await put_chain(storage, 3)

    for number in (1, 2, 3):
        stored = await storage.journal.checkpoints.get("thr_1", "", row(number).id)
        values = stored and dict(stored.values)
        expect_same(values, {"a": blob(f"a{number}"), "b": blob("b1")}, f"The values of checkpoint {number}")


async def leaves_out_what_was_never_stored(storage: Storage) -> None:
    """A version without a stored value is left out of the values; the row still names it."""
    await storage.journal.checkpoints.put(row(1, versions={"a": "1", "empty": "1"}), {"a": blob("a1")}, fence=None)

    stored = await storage.journal.checkpoints.get("thr_1", "")

    shape = stored and (dict(stored.values), dict(stored.row.versions))
    expect_same(shape, ({"a": blob("a1")}, {"a": "1", "empty": "1"}), "The (values, versions)")


async def keeps_threads_and_namespaces_apart(storage: Storage) -> None:
    """The same checkpoint id, versions and tasks in another thread or namespace are other rows."""
    places = [("thr_1", ""), ("thr_1", "sub"), ("thr_2", "")]
    for thread_id, ns in places:
        name = blob(f"{thread_id}/{ns}")
        own = row(1, thread_id=thread_id, ns=ns, versions={"a": "1"})
        await storage.journal.checkpoints.put(own, {"a": name}, fence=None)
        own_write = [WriteRow(task_id="task", task_path="", idx=0, channel="a", value=name)]
        await storage.journal.checkpoints.put_writes(thread_id, ns, own.id, own_write, fence=None)

    for thread_id, ns in places:
        stored = await storage.journal.checkpoints.get(thread_id, ns)
        name = blob(f"{thread_id}/{ns}")
        found = stored and (stored.values["a"], [item.value for item in stored.writes])
        expect_same(found, (name, [name]), f"The (value, writes) of {thread_id}/{ns}")


async def replaces_a_checkpoint_of_the_same_id(storage: Storage) -> None:
    """`put` of an id that is there replaces the checkpoint, metadata, versions and all."""
    await storage.journal.checkpoints.put(row(1, versions={"a": "1"}), {"a": blob("old")}, fence=None)
    changed = CheckpointRow(
        thread_id="thr_1",
        ns="",
        id=row(1).id,
        parent_id="1ef00000",
        checkpoint=blob("new"),
        metadata="{}",
        versions={"a": "2"},
        run_id="run_1",
    )

    await storage.journal.checkpoints.put(changed, {"a": blob("new")}, fence=None)

    (stored,) = await storage.journal.checkpoints.list("thr_1")
    expect_same((stored.row, dict(stored.values)), (changed, {"a": blob("new")}), "The (row, values)")


async def lists_the_newest_first(storage: Storage) -> None:
    """`list` gives checkpoints with values and writes, newest first; `before` and `limit` narrow it."""
    await put_chain(storage, 4)
    await storage.journal.checkpoints.put(row(7, ns="sub"), {}, fence=None)
    await storage.journal.checkpoints.put_writes("thr_1", "", row(2).id, [write("task", 0)], fence=None)
    find = storage.journal.checkpoints.list

    newest, *_ = found = await find("thr_1", ns="")
    expect_same(ids(found), [row(number).id for number in (4, 3, 2, 1)], "A namespace's checkpoints")
    expect_same(dict(newest.values), {"a": blob("a4"), "b": blob("b1")}, "The newest one's values")
    expect_same([len(stored.writes) for stored in found], [0, 0, 1, 0], "The numbers of writes")
    expect_same(ids(await find("thr_1")), [row(number).id for number in (7, 4, 3, 2, 1)], "All namespaces'")
    middle = await find("thr_1", ns="", before=row(4).id, limit=2)
    expect_same(ids(middle), [row(3).id, row(2).id], "Two before the newest")
    expect_same(ids(await find("thr_unknown")), [], "An unknown thread's")


async def lists_all_threads(storage: Storage) -> None:
    """With thread_id None `list` gives the checkpoints of all threads, newest first."""
    await storage.journal.checkpoints.put(row(1, thread_id="thr_1"), {}, fence=None)
    await storage.journal.checkpoints.put(row(3, thread_id="thr_1"), {}, fence=None)
    await storage.journal.checkpoints.put(row(2, thread_id="thr_2"), {}, fence=None)

    found = await storage.journal.checkpoints.list(None)

    places = [(stored.row.thread_id, stored.row.id) for stored in found]
    expect_same(places, [("thr_1", row(3).id), ("thr_2", row(2).id), ("thr_1", row(1).id)], "The checkpoints")


async def reads_history(storage: Storage) -> None:
    """`history` gives the ancestors by parent, nearest first, with only the asked channels' values and writes."""
    await put_chain(storage, 5)
    for number in range(1, 6):
        both = [write("task", 0, f"a{number}", channel="a"), write("task", 1, f"b{number}", channel="b")]
        await storage.journal.checkpoints.put_writes("thr_1", "", row(number).id, both, fence=None)

    found = await storage.journal.checkpoints.history("thr_1", "", row(4).id, ["a"])

    expect_same(ids(found), [row(number).id for number in (3, 2, 1)], "The ancestors of checkpoint 4")
    for stored, number in zip(found, (3, 2, 1), strict=True):
        expected = ({"a": blob(f"a{number}")}, [write("task", 0, f"a{number}", channel="a")])
        expect_same(
            (dict(stored.values), list(stored.writes)), expected, f"The (values, writes) of checkpoint {number}"
        )


async def reads_history_along_the_branch(storage: Storage) -> None:
    """`history` follows parents, not ids: a fork's sibling is no ancestor, and a first checkpoint has none."""
    await put_chain(storage, 2)
    fork = CheckpointRow(
        thread_id="thr_1", ns="", id=row(3).id, parent_id=row(1).id, checkpoint=blob("fork"), metadata="{}", versions={}
    )
    await storage.journal.checkpoints.put(fork, {}, fence=None)
    history = storage.journal.checkpoints.history

    expect_same(ids(await history("thr_1", "", row(3).id, ["a"])), [row(1).id], "The ancestors of the fork")
    expect_same(ids(await history("thr_1", "", row(1).id, ["a"])), [], "The ancestors of the first")
