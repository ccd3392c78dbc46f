"""What the journal's streams promise: rows from 1 without gaps, and one writer."""

from __future__ import annotations

from saga_agent.errors import NotFound, RunFailed, SeqConflict, SeqGap, StaleEpoch
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_raises, expect_same
from saga_agent.testing.storage.racing import Cut, at_each_moment, names_of, race
from saga_agent.testing.storage.samples import EVERY_SCRIPT, LARGE_TEXT
from saga_agent.testing.storage.turns import finish, queued, running, take, taken_over, waiting


async def _append(storage: Storage, stream_id: str, first_seq: int, *chunks: str, epoch: int = 1) -> None:
    await storage.journal.streams.append(stream_id, epoch=epoch, first_seq=first_seq, chunks=chunks)


async def _expect_log(storage: Storage, stream_id: str, *chunks: str) -> None:
    rows = await storage.journal.streams.read(stream_id)
    expected = list(enumerate(chunks, start=1))
    expect_same([(row.seq, row.chunk) for row in rows], [list(row) for row in expected], "The log's (seq, chunk)")
    stream = await storage.journal.streams.get(stream_id)
    expect_same(stream.last_seq, len(chunks), "The stream's last_seq")


async def numbers_rows_from_one(storage: Storage) -> None:
    """Appended rows are read back in order, numbered from 1, with their epoch and exact text."""
    stream_id = (await running(storage)).run.stream_id
    await _expect_log(storage, stream_id)

    await _append(storage, stream_id, 1, '{"a": 1.0}', EVERY_SCRIPT)
    await _append(storage, stream_id, 3, "")

    await _expect_log(storage, stream_id, '{"a": 1.0}', EVERY_SCRIPT, "")
    epochs = [row.epoch for row in await storage.journal.streams.read(stream_id)]
    expect_same(epochs, [1, 1, 1], "The rows' epochs")


async def refuses_an_unknown_stream(storage: Storage) -> None:
    """`get` of and `append` to an unknown stream raise `NotFound`."""
    await expect_raises(NotFound, storage.journal.streams.get("str_1"), "get of an unknown stream")
    await expect_raises(NotFound, _append(storage, "str_1", 1, "a"), "append to an unknown stream")


async def keeps_a_large_row(storage: Storage) -> None:
    """A row of a million characters comes back whole."""
    stream_id = (await running(storage)).run.stream_id

    await _append(storage, stream_id, 1, LARGE_TEXT)

    await _expect_log(storage, stream_id, LARGE_TEXT)


async def takes_the_same_rows_again_for_success(storage: Storage) -> None:
    """Appending the same content at the same seqs again, as after a lost acknowledgement, leaves one copy."""
    stream_id = (await running(storage)).run.stream_id
    await _append(storage, stream_id, 1, "a", "b", "c")

    await _append(storage, stream_id, 1, "a", "b", "c")
    await _append(storage, stream_id, 2, "b")

    await _expect_log(storage, stream_id, "a", "b", "c")


async def adds_what_is_new_behind_an_overlap(storage: Storage) -> None:
    """Rows that are there with the same content are passed over, and new ones behind them are added."""
    stream_id = (await running(storage)).run.stream_id
    await _append(storage, stream_id, 1, "a", "b")

    await _append(storage, stream_id, 2, "b", "c", "d")

    await _expect_log(storage, stream_id, "a", "b", "c", "d")


async def refuses_other_content_at_a_taken_seq(storage: Storage) -> None:
    """Other content at a taken seq raises `SeqConflict` naming it; nothing is added, not even rows behind it."""
    stream_id = (await running(storage)).run.stream_id
    await _append(storage, stream_id, 1, "a", "b")

    for first_seq, chunks, conflict in ((2, ("X",), 2), (1, ("a", "X", "c"), 2), (1, ("A", "b", "c"), 1)):
        attempt = _append(storage, stream_id, first_seq, *chunks)
        error = await expect_raises(SeqConflict, attempt, f"append of {chunks} at {first_seq} after ('a', 'b')")
        expect_same((error.stream_id, error.seq), (stream_id, conflict), "SeqConflict's (stream, seq)")
        await _expect_log(storage, stream_id, "a", "b")


async def refuses_a_gap(storage: Storage) -> None:
    """Rows that would leave a hole raise `SeqGap` naming the expected seq, and are not stored."""
    stream_id = (await running(storage)).run.stream_id
    error = await expect_raises(SeqGap, _append(storage, stream_id, 2, "b"), "append at 2 to an empty log")
    expect_same((error.stream_id, error.expected, error.got), (stream_id, 1, 2), "SeqGap's (stream, expected, got)")
    await _append(storage, stream_id, 1, "a")

    error = await expect_raises(SeqGap, _append(storage, stream_id, 3, "c", "d"), "append at 3 after one row")

    expect_same((error.expected, error.got), (2, 3), "SeqGap's (expected, got)")
    await _expect_log(storage, stream_id, "a")


async def refuses_a_stale_writer(storage: Storage) -> None:
    """After a take-over the old writer's append raises `StaleEpoch`, also with rows that would fit or are there."""
    run = (await running(storage)).run
    await _append(storage, run.stream_id, 1, "a")
    await take(storage, run, runner="runner_2", now=run.lease_until + 1)
    await _append(storage, run.stream_id, 2, "b", epoch=2)

    for first_seq, chunk in ((3, "c"), (1, "a"), (2, "X"), (9, "gap")):
        attempt = _append(storage, run.stream_id, first_seq, chunk, epoch=1)
        error = await expect_raises(
            StaleEpoch, attempt, f"append at {first_seq} by epoch 1 while epoch 2 holds the run"
        )
        expect_same((error.epoch, error.current), (1, 2), "StaleEpoch's (epoch, current)")

    await _expect_log(storage, run.stream_id, "a", "b")
    epochs = [row.epoch for row in await storage.journal.streams.read(run.stream_id)]
    expect_same(epochs, [1, 2], "The rows' epochs")


async def refuses_an_epoch_that_never_was(storage: Storage) -> None:
    """An epoch greater than the run's raises `StaleEpoch` too: only the holder writes."""
    setting = await taken_over(storage)

    attempt = _append(storage, setting.run.stream_id, 1, "a", epoch=3)
    await expect_raises(StaleEpoch, attempt, "append by epoch 3 at epoch 2")

    await _expect_log(storage, setting.run.stream_id)


async def refuses_rows_after_the_end(storage: Storage) -> None:
    """An append to an ended stream raises `RunFailed` and adds nothing."""
    run = (await running(storage)).run
    await _append(storage, run.stream_id, 1, "a")
    await finish(storage, run)

    await expect_raises(RunFailed, _append(storage, run.stream_id, 2, "b"), "append to an ended stream")

    await _expect_log(storage, run.stream_id, "a")


async def reads_page_by_page(storage: Storage) -> None:
    """`read` gives rows after a seq, in order, up to the limit; reading on gives each row once, 1,000 by default."""
    stream_id = (await running(storage)).run.stream_id
    await _append(storage, stream_id, 1, *[f"row {seq}" for seq in range(1, 1203)])
    streams = storage.journal.streams

    expect_same([row.seq for row in await streams.read(stream_id, after=5, limit=3)], [6, 7, 8], "Rows after 5")
    default = [row.seq for row in await streams.read(stream_id)]
    expect_same(default, list(range(1, 1001)), "The rows without a limit")
    rest = [row.seq for row in await streams.read(stream_id, after=1000)]
    expect_same(rest, list(range(1001, 1203)), "The rows after 1000")
    expect_same(list(await streams.read(stream_id, after=1202)), [], "The rows after the last")
    expect_same(list(await streams.read(stream_id, after=5000)), [], "The rows after a seq that is not there yet")


async def keeps_streams_apart(storage: Storage) -> None:
    """Eight streams written at once, row by row, are each gap-free and hold only their own text."""
    streams = [(await running(storage, number)).run.stream_id for number in range(8)]

    async def write(stream_id: str) -> None:
        for seq in range(1, 26):
            await _append(storage, stream_id, seq, f"{stream_id} {seq}")

    await race(write(stream_id) for stream_id in streams)

    for stream_id in streams:
        await _expect_log(storage, stream_id, *[f"{stream_id} {seq}" for seq in range(1, 26)])


async def lets_one_of_racing_writers_win(storage: Storage) -> None:
    """Of racing appends with other content at the same seq one wins; the others raise `SeqConflict`."""
    stream_id = (await running(storage)).run.stream_id

    won, lost = await race(_append(storage, stream_id, 1, f"racer {number}", "tail") for number in range(10))

    expect_same((len(won), names_of(lost)), (1, ["SeqConflict"]), "The number of winners and what losers raised")
    rows = await storage.journal.streams.read(stream_id)
    expect_same([row.seq for row in rows], [1, 2], "The seqs of the log")


async def trims_only_after_the_end(storage: Storage) -> None:
    """`trim` removes nothing while a stream lives, and all rows of an ended one, and tells how many."""
    trim = storage.journal.streams.trim
    live = [await queued(storage, 1), await running(storage, 2), await waiting(storage, 3)]
    for setting in live:
        epoch = setting.run.epoch
        await _append(storage, setting.run.stream_id, 1, "a", epoch=epoch)
        expect_same(await trim(setting.run.stream_id), 0, f"What trim removed of a {setting.run.state} stream")
        await _expect_log(storage, setting.run.stream_id, "a")
    ended, stream_id = live[1].run, live[1].run.stream_id
    await finish(storage, ended)

    expect_same(await trim(stream_id), 1, "What trim removed of an ended stream")

    expect_same(list(await storage.journal.streams.read(stream_id)), [], "The trimmed rows")
    expect_same((await storage.journal.streams.get(stream_id)).state, "finished", "The trimmed stream's state")
    expect_same(await trim(stream_id), 0, "What a second trim removed")
    expect_same((await storage.journal.threads.message(ended.message_id)).text, "The end.", "The message's text")


async def appends_whole_or_not_when_cancelled(storage: Storage) -> None:
    """A cancelled `append` happened whole or not at all, and the log goes on from there."""
    chunks = [f"chunk {seq}" for seq in range(1, 41)]

    async def attempt(number: int, cut: Cut) -> None:
        stream_id = (await running(storage, number)).run.stream_id
        await cut(_append(storage, stream_id, 1, *chunks))
        count = len(await storage.journal.streams.read(stream_id))
        expect_same(count in (0, 40), True, f"Whether {count} rows are all of 40 or none")
        await _append(storage, stream_id, 1, *chunks)
        await _append(storage, stream_id, 41, "next")
        await _expect_log(storage, stream_id, *chunks, "next")

    await at_each_moment(attempt)
