"""What readers of a log promise."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from saga_agent.domain import chunks as c
from saga_agent.errors import NotFound
from saga_agent.streams.reader import Bookmark
from saga_agent.streams.rows import StreamEvent
from saga_agent.testing.storage.expect import expect_raises, expect_same
from saga_agent.testing.storage.turns import finish, running, take
from saga_agent.testing.streams.check import Stand, all_of


def words(count: int, *, first: int = 1) -> list[c.Chunk]:
    """Chunks that no merging makes one."""
    return [c.Data(type="data-notice", id=str(number), data=number) for number in range(first, first + count)]


async def _store(stand: Stand, stream_id: str, chunks: Sequence[c.Chunk | str], *, first: int = 1) -> None:
    rows = [chunk if isinstance(chunk, str) else chunk.to_json() for chunk in chunks]
    await stand.storage.journal.streams.append(stream_id, epoch=1, first_seq=first, chunks=rows)


def _kinds(events: Sequence[StreamEvent]) -> list[str]:
    return [event.chunk.type for event in events]


async def tells_what_follows_a_seq(stand: Stand) -> None:
    """`follow` gives the rows after a seq, each once and in order, and ends where the run waits for the writer."""
    run = (await running(stand.storage)).run
    await _store(stand, run.stream_id, words(5))
    await stand.storage.journal.runs.pause(run.id, epoch=1, parts=())

    for after in range(7):
        events = await all_of(stand.reader.follow(run.stream_id, after=after))
        expect_same([event.seq for event in events], list(range(after + 1, 6)), f"The seqs told after {after}")


async def goes_on_where_it_was(stand: Stand) -> None:
    """A reader who waits is told what is stored later, by whoever; the bookmark of `live` moves on with it."""
    run = (await running(stand.storage)).run
    await _store(stand, run.stream_id, words(2))
    bookmark = Bookmark()
    reading = asyncio.ensure_future(all_of(stand.reader.live(run.stream_id, bookmark)))
    await asyncio.sleep(0)
    await _store(stand, run.stream_id, words(2, first=3), first=3)
    await stand.storage.journal.runs.pause(run.id, epoch=1, parts=())

    expect_same(await reading, words(4), "What a waiting reader was told")
    expect_same(bookmark.after, 4, "Its bookmark")
    await take(stand.storage, run)
    taken = await stand.storage.journal.runs.get(run.id)
    row = c.Finish().to_json()
    await stand.storage.journal.streams.append(run.stream_id, epoch=taken.epoch, first_seq=5, chunks=[row])
    await finish(stand.storage, taken)
    expect_same(await all_of(stand.reader.live(run.stream_id, bookmark)), [c.Finish()], "What it was told later")
    expect_same(bookmark.is_over, True, "Whether its stream is over")


async def leaves_damaged_rows_out(stand: Stand) -> None:
    """A row that is no chunk is passed over; what stands before and behind it is told."""
    run = (await running(stand.storage)).run
    await _store(stand, run.stream_id, [*words(1), '{"type": "no such chunk"}', *words(1, first=3)])
    await stand.storage.journal.runs.pause(run.id, epoch=1, parts=())

    expect_same([event.seq for event in await stand.reader.load(run.stream_id)], [1, 3], "The seqs of load")
    told = await all_of(stand.reader.follow(run.stream_id))
    expect_same([event.seq for event in told], [1, 3], "The seqs of follow")


async def gives_rewinds_as_rows(stand: Stand) -> None:
    """A rewind and what it voids are rows like others: what they mean is for who reads them."""
    run = (await running(stand.storage)).run
    rows = [*words(2), c.Rewind(to_seq=1), *words(1, first=9)]
    await _store(stand, run.stream_id, rows)

    expect_same([event.chunk for event in await stand.reader.load(run.stream_id)], rows, "The rows of load")


async def tells_the_end_of_a_log_without_one(stand: Stand) -> None:
    """A reader of an ended stream always learns the end, also where the log has no terminal chunk."""
    run = (await running(stand.storage)).run
    await _store(stand, run.stream_id, words(1))
    await finish(stand.storage, run)

    expect_same(_kinds(await all_of(stand.reader.follow(run.stream_id))), ["data-notice", "finish"], "What was told")
    expect_same(_kinds(await all_of(stand.reader.follow(run.stream_id, after=1))), ["finish"], "What was told after 1")


async def tells_the_message_when_the_rows_are_gone(stand: Stand) -> None:
    """Of an ended stream whose rows are trimmed the message is told, from its start to a terminal chunk."""
    run = (await running(stand.storage)).run
    await _store(stand, run.stream_id, [*words(1), c.Finish()])
    await finish(stand.storage, run, text="The end.")
    await stand.storage.journal.streams.trim(run.stream_id)

    for after in (0, 1):
        events = await all_of(stand.reader.follow(run.stream_id, after=after))
        text = "".join(event.chunk.delta for event in events if isinstance(event.chunk, c.TextDelta))
        ends = (_kinds(events)[0], text, _kinds(events)[-1])
        expect_same(ends, ("start", "The end.", "finish"), f"The (first chunk, text, last chunk) told after {after}")
        expect_same(events[-1].seq, 2, "The seq of the terminal event")


async def refuses_a_stream_that_is_not_there(stand: Stand) -> None:
    """An unknown stream raises `NotFound`."""
    await expect_raises(NotFound, all_of(stand.reader.follow("str_unknown")), "follow of an unknown stream")
