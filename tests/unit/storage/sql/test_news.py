"""A reader is woken soon after another process, here another storage on the same database, has committed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from saga_agent.domain.journal import Run
from saga_agent.storage.sql.adapter import SqlStorage
from saga_agent.streams.hub import StreamHub
from saga_agent.streams.reader import StreamReader
from tests.turns import begin_turn

ROW = '{"type":"start-step"}'


async def _append(storage: SqlStorage, run: Run) -> None:
    await storage.journal.streams.append(run.stream_id, epoch=1, first_seq=1, chunks=[ROW])


async def _pause(storage: SqlStorage, run: Run) -> None:
    await storage.journal.runs.pause(run.id, epoch=1, parts=[])


@pytest.mark.parametrize("act", [_append, _pause])
async def test_rows_and_states_of_another_process_wake_who_waits(
    url: str, act: Callable[[SqlStorage, Run], Awaitable[None]]
) -> None:
    async with SqlStorage(url) as writer, SqlStorage(url) as reader:
        run = await begin_turn(writer, "one")
        woken = asyncio.Event()
        stop = reader.journal.streams.listen(run.stream_id, woken.set)
        await asyncio.wait_for(woken.wait(), 10)  # the first word is that it listens
        woken.clear()

        await act(writer, run)

        await asyncio.wait_for(woken.wait(), 10)
        stop()
        stop()


async def test_a_reader_follows_another_process_without_waiting_for_its_own_next_look(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("saga_agent.streams.reader._POLL_SECONDS", 3600.0)
    async with SqlStorage(url) as writer, SqlStorage(url) as other:
        run = await begin_turn(writer, "one")
        reader = StreamReader(other.journal, StreamHub(other.journal.streams.listen))
        rows = reader.follow(run.stream_id)

        first = asyncio.create_task(anext(rows))
        await _append(writer, run)
        assert (await asyncio.wait_for(first, 10)).seq == 1
        end = asyncio.create_task(anext(rows, None))
        await _pause(writer, run)
        assert await asyncio.wait_for(end, 10) is None


async def test_news_goes_on_after_nobody_waited_for_a_while(url: str) -> None:
    async with SqlStorage(url) as storage, SqlStorage(url) as writer:
        run = await begin_turn(writer, "one")
        for seq in (1, 2):
            woken = asyncio.Event()
            stop = storage.journal.streams.listen(run.stream_id, woken.set)
            await writer.journal.streams.append(run.stream_id, epoch=1, first_seq=seq, chunks=[ROW])
            await asyncio.wait_for(woken.wait(), 10)
            stop()
