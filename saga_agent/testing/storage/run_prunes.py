"""What `Runs.prune` promises: what ended runs have left goes, and nothing that somebody goes on with."""

from __future__ import annotations

from saga_agent.domain.journal import Run
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_same
from saga_agent.testing.storage.lives import live_again, lived_in
from saga_agent.testing.storage.turns import Setting, child, finish, held, paused, queued, running

_NOTHING, _ALL = (False, False), (True, True)


async def _left(storage: Storage, run: Run) -> tuple[bool, bool]:
    """Whether there are rows of its stream, and a checkpoint under its id."""
    rows = await storage.journal.streams.read(run.stream_id)
    return bool(rows), await storage.journal.checkpoints.get(run.id, "") is not None


async def _below(storage: Storage, run: Run) -> Run:
    (found,) = await storage.journal.runs.list(parent_run_id=run.id)
    return found


async def _talk(storage: Storage, number: int, turns: int) -> list[Setting]:
    """A thread of so many runs, each with a subagent's, of which everything is there."""
    settings = [await lived_in(storage, number)]
    for turn in range(2, turns + 1):
        settings.append(await live_again(storage, settings[0], turn))
    return settings


async def keeps_what_the_last_run_of_a_thread_left(storage: Storage) -> None:
    """With `last`, every thread of the writer keeps what its last run left, subagents included; the rest goes."""
    talks = [await _talk(storage, 1, 6), await _talk(storage, 2, 1)]

    expect_same(await storage.journal.runs.prune(), 10, "How many runs had something left")

    for *earlier, last in talks:
        for setting, kept in (*((each, _NOTHING) for each in earlier), (last, _ALL)):
            for run in (setting.run, await _below(storage, setting.run)):
                expect_same(await _left(storage, run), kept, f"What {run.id!r} left, as (rows, checkpoint)")
                said = (await storage.journal.threads.message(run.message_id)).text
                expect_same(said, "done", f"The message of {run.id!r}")
    expect_same(await storage.journal.runs.prune(), 0, "How many at the second time")


async def keeps_nothing_or_all(storage: Storage) -> None:
    """With `all` nothing goes, with `none` what the last run left, too; what hangs on other ids stays."""
    (setting,) = await _talk(storage, 1, 1)
    runs, below = storage.journal.runs, await _below(storage, setting.run)

    expect_same(await runs.prune(keep="all"), 0, "How many with `all`")
    expect_same([await _left(storage, run) for run in (setting.run, below)], [_ALL, _ALL], "What is left with `all`")
    expect_same(await runs.prune(keep="none"), 2, "How many with `none`")

    expect_same([await _left(storage, run) for run in (setting.run, below)], [_NOTHING] * 2, "What is left")
    stays = await storage.journal.checkpoints.get(f"graph of {setting.run.id}", "")
    expect_same(stays is not None, True, "Whether a graph of the app's own has its checkpoint")


async def keeps_what_live_runs_need(storage: Storage) -> None:
    """Nothing goes of a run that is queued, at work or waiting, nor of what ended below one; also with `none`."""
    root = await running(storage, 1)
    ended, waits = await held(storage, await child(storage, root.run, 1)), await child(storage, root.run, 2)
    for setting in (root, ended):
        await storage.journal.streams.append(setting.run.stream_id, epoch=1, first_seq=1, chunks=["{}"])
    await finish(storage, ended.run)
    await paused(storage, waits)
    await queued(storage, 2)

    expect_same(await storage.journal.runs.prune(keep="none"), 0, "How many runs had something left")

    for setting in (root, ended):
        expect_same((await _left(storage, setting.run))[0], True, f"Whether {setting.run.id!r} has its rows")


async def prunes_one_thread_and_one_kind(storage: Storage) -> None:
    """With `run_id`, of any run of the tree, only its root's thread is looked at; `what` names the kinds that go."""
    here, there = await _talk(storage, 1, 2), await _talk(storage, 2, 2)
    below = await _below(storage, here[1].run)

    count = await storage.journal.runs.prune(what=("streams",), run_id=below.id)

    expect_same(count, 2, "How many runs had something left")
    left = [await _left(storage, each.run) for each in (*here, *there)]
    expect_same(left, [(False, True), _ALL, _ALL, _ALL], "What the runs left, as (rows, checkpoint)")
    expect_same(await storage.journal.runs.prune(what=("checkpoints",), run_id=here[0].run.id), 2, "The checkpoints")
    expect_same(await _left(storage, here[0].run), _NOTHING, "What the first run left then")
