"""What a hub promises to the readers of its process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from saga_agent.domain import chunks as c
from saga_agent.streams.reader import Bookmark
from saga_agent.testing.storage.expect import expect_same
from saga_agent.testing.storage.turns import running
from saga_agent.testing.streams.check import PATIENCE_SECONDS, Stand, all_of
from saga_agent.testing.streams.readers import words

_TEXT = c.TextStart(id="t")


async def _next(told: AsyncIterator[c.Chunk]) -> c.Chunk:
    async with asyncio.timeout(PATIENCE_SECONDS):
        return await anext(told)


async def shows_chunks_before_they_are_stored(stand: Stand) -> None:
    """A reader in the writer's process is told a chunk at once; the log has it after the flush."""
    run = (await running(stand.storage)).run
    writer = stand.writer(run)
    live = stand.reader.live(run.stream_id, Bookmark())
    await writer.write(_TEXT)

    expect_same(await _next(live), _TEXT, "What a live reader was told")
    expect_same(await stand.reader.load(run.stream_id), [], "The log before the flush")
    await writer.flush()
    expect_same([event.chunk for event in await stand.reader.load(run.stream_id)], [_TEXT], "The log after it")


async def lets_readers_wait_for_the_writer(stand: Stand) -> None:
    """A reader of an open channel waits for its writer; when the channel is closed without one, it turns to the log."""
    run = (await running(stand.storage)).run
    stand.hub.open(run.stream_id)
    reading = asyncio.ensure_future(all_of(stand.reader.live(run.stream_id, Bookmark())))
    await asyncio.sleep(0)
    rows = [chunk.to_json() for chunk in words(1)]
    await stand.storage.journal.streams.append(run.stream_id, epoch=1, first_seq=1, chunks=rows)
    await stand.storage.journal.runs.pause(run.id, epoch=1, parts=())
    stand.hub.close(run.stream_id)

    expect_same(await reading, words(1), "What was told when the channel was closed")


async def tells_everything_once_whenever_a_reader_joins(stand: Stand) -> None:
    """Whenever a reader joins - before, in the middle of a batch, behind the last - it is told all of it, once."""
    run = (await running(stand.storage)).run
    writer, told = stand.writer(run), list[asyncio.Future[list[c.Chunk]]]()
    texts: list[c.Chunk] = [c.TextStart(id=str(number)) for number in range(9)]
    for number, text in enumerate(texts):
        told.append(asyncio.ensure_future(all_of(stand.reader.live(run.stream_id, Bookmark()))))
        await asyncio.sleep(0)
        await writer.write(text)
        if number % 4 == 3:
            await writer.flush()
    await writer.flush()
    await stand.storage.journal.runs.pause(run.id, epoch=1, parts=())
    stand.hub.close(run.stream_id)

    for number, reading in enumerate(told):
        expect_same(await reading, texts, f"What the reader was told who joined after {number} chunks")


async def tells_no_row_twice(stand: Stand) -> None:
    """A reader who has read rows that their writer does not know to be stored is not told them again."""
    run = (await running(stand.storage)).run
    writer = stand.writer(run)
    await writer.write(_TEXT)
    # The rows are stored; the writer, who will append the same again, has not heard of it.
    await stand.storage.journal.streams.append(run.stream_id, epoch=1, first_seq=1, chunks=[_TEXT.to_json()])
    read = [event.seq for event in await stand.reader.load(run.stream_id)]
    reading = asyncio.ensure_future(all_of(stand.reader.live(run.stream_id, Bookmark(read[-1]))))
    await asyncio.sleep(0)
    for word in words(1):
        await writer.write(word)
    await stand.storage.journal.runs.pause(run.id, epoch=1, parts=())
    stand.hub.close(run.stream_id)

    expect_same(await reading, words(1), "What was told to who had read the first row")


async def voids_what_was_never_stored(stand: Stand) -> None:
    """A reader who has been told words that the log never took is given a `rewind` to the last row that counts."""
    run = (await running(stand.storage)).run
    writer = stand.writer(run)
    live = stand.reader.live(run.stream_id, Bookmark())
    for word in words(1):
        await writer.write(word)
    await writer.write(_TEXT)
    seen = [await _next(live), await _next(live)]
    await stand.storage.journal.runs.pause(run.id, epoch=1, parts=())
    stand.hub.close(run.stream_id)

    expect_same(seen, [*words(1), _TEXT], "What was told before")
    expect_same(await all_of(live), [c.Rewind(to_seq=1)], "What was told when the writer was gone")


async def tells_rows_of_other_writers_in_between(stand: Stand) -> None:
    """When a new writer begins, its readers are told what others have stored since the one before."""
    run = (await running(stand.storage)).run
    first = stand.writer(run)
    live = stand.reader.live(run.stream_id, Bookmark())
    for word in words(1):
        await first.write(word)
    heard = [await _next(live)]
    waiting = asyncio.ensure_future(_next(live))
    await asyncio.sleep(0)
    rows = [chunk.to_json() for chunk in words(1, first=2)]
    await stand.storage.journal.streams.append(run.stream_id, epoch=1, first_seq=2, chunks=rows)
    second = stand.writer(run, last_seq=2)
    for word in words(1, first=3):
        await second.write(word)

    heard += [await waiting, await _next(live)]
    expect_same(heard, words(3), "What was told across two writers")
    stand.hub.close(run.stream_id)
