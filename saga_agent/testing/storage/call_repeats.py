"""What `ToolCalls.repeats` promises: the same call is counted in its tree, and refusals in the whole thread."""

from __future__ import annotations

from saga_agent.domain.journal import Run, ToolCall
from saga_agent.errors import NotFound
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_raises, expect_same
from saga_agent.testing.storage.turns import START, Setting, call, child, finish, held, running, take, turn


def _alike(number: int, run: Run, *, refused: bool = False) -> ToolCall:
    """Calls of any number have the same tool and arguments."""
    changes: dict[str, object] = {"arguments_hash": "alike"}
    if refused:
        changes |= {"refused": True, "state": "finished", "ok": False, "result": '"no"', "ended_at": START}
    return call(number, of=run).model_copy(update=changes)


async def _repeats(storage: Storage, run: Run, *, but: str = "call_0", tool: str = "create_entity") -> tuple[int, int]:
    """How many there are in the tree, and refused ones in the thread."""
    repeats = await storage.journal.calls.repeats(run.id, tool=tool, arguments_hash="alike", but=but)
    return repeats.in_tree, repeats.refused


async def counts_the_same_call(storage: Storage) -> None:
    """Calls of that tool with that hash count, started, finished or refused; the call `but` of this run does not."""
    run = (await running(storage)).run
    calls = storage.journal.calls
    expect_same(await _repeats(storage, run), (0, 0), "The repeats before any call")
    for each in (_alike(1, run), _alike(2, run, refused=True), _alike(3, run), call(4, of=run)):
        await calls.start(each, epoch=1)
    await calls.start(_alike(5, run).model_copy(update={"tool": "update_entity"}), epoch=1)
    await calls.finish(run.id, "call_1", epoch=1, ok=True, result="1", now=START)

    expect_same(await _repeats(storage, run), (3, 1), "The repeats of a new call")
    expect_same(await _repeats(storage, run, but="call_3"), (2, 1), "Those of call_3")
    expect_same(await _repeats(storage, run, but="call_2"), (2, 0), "Those of call_2")
    expect_same(await _repeats(storage, run, tool="update_entity"), (1, 0), "The other tool's")


async def gives_the_call_itself(storage: Storage) -> None:
    """The call `but` comes with its repeats as it is stored, whatever tool and arguments it is asked about with."""
    run = (await running(storage)).run
    calls = storage.journal.calls
    nothing = await calls.repeats(run.id, tool="create_entity", arguments_hash="alike", but="call_1")
    expect_same(nothing.call, None, "The call before it is started")
    await calls.start(_alike(1, run), epoch=1)
    await calls.start(_alike(2, run), epoch=1)

    other = await calls.repeats(run.id, tool="another_tool", arguments_hash="another", but="call_1")

    expect_same(other.call, await calls.find(run.id, "call_1"), "The call once it is started")


async def counts_in_the_whole_tree(storage: Storage) -> None:
    """Calls of the root, of its subagents and of theirs count for each of them; those of another tree do not."""
    root, other = await running(storage, 1), await running(storage, 2)
    below = await held(storage, await child(storage, root.run))
    deep = await held(storage, await child(storage, below.run))
    for setting in (root, below, deep, other):
        await storage.journal.calls.start(_alike(1, setting.run), epoch=1)
    await storage.journal.calls.start(_alike(2, deep.run, refused=True), epoch=1)

    for setting in (root, below, deep):
        expect_same(await _repeats(storage, setting.run), (4, 1), "The repeats in the tree")
    expect_same(await _repeats(storage, below.run, but="call_1"), (3, 1), "Those of the child's call_1")
    expect_same(await _repeats(storage, other.run), (1, 0), "The repeats in another tree")


async def counts_refusals_in_the_whole_thread(storage: Storage) -> None:
    """Refusals of earlier turns of the thread count, their subagents' too; other calls only in their own turn."""
    first, other = await running(storage, 1), await running(storage, 2)
    below = await held(storage, await child(storage, first.run))
    for setting in (first, below, other):
        await storage.journal.calls.start(_alike(1, setting.run), epoch=1)
        await storage.journal.calls.start(_alike(2, setting.run, refused=True), epoch=1)
    for setting in (below, first):
        await finish(storage, setting.run)
    again = await take(storage, await storage.journal.runs.start(turn(2, of=first.thread), now=START))
    new = Setting(storage, first.thread, again)

    expect_same(await _repeats(storage, new.run), (0, 2), "The repeats in a later turn")
    deep = await child(storage, new.run)
    expect_same(await _repeats(storage, deep.run), (0, 2), "Those of its subagent")


async def counts_for_a_known_run(storage: Storage) -> None:
    """`repeats` of an unknown run raises `NotFound`."""
    attempt = storage.journal.calls.repeats("run_1", tool="a", arguments_hash="b", but="c")
    await expect_raises(NotFound, attempt, "repeats of an unknown run")
