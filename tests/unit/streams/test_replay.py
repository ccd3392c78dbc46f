"""A message for readers who come late: what counts of it, and a break where that changes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saga_agent.domain import chunks as c
from saga_agent.domain.journal import Delta
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.ports.journal import Journal
from saga_agent.streams.hub import StreamHub
from saga_agent.streams.reader import StreamReader
from saga_agent.streams.replay import Replay, Rewound, replay
from saga_agent.streams.rows import StreamEvent, effective_events, effective_rows
from tests.turns import begin_turn

STREAM = "str"
STEP = [c.StartStep(), c.TextStart(id="t"), c.TextDelta(id="t", delta="Low ")]


@pytest.fixture
async def journal() -> AsyncIterator[Journal]:
    """A journal with one running run."""
    async with MemoryStorage() as storage:
        await begin_turn(storage, lease_until=10.0)
        yield storage.journal


async def append(journal: Journal, *chunks: c.Chunk, epoch: int = 1) -> None:
    last = (await journal.streams.get(STREAM)).last_seq
    rows = [chunk.to_json() for chunk in chunks]
    await journal.streams.append(STREAM, epoch=epoch, first_seq=last + 1, chunks=rows)


async def look(journal: Journal) -> Replay:
    async def waits_for_the_writer() -> bool:
        return False

    reader = StreamReader(journal, StreamHub())
    return await replay(STREAM, journal.streams, reader, goes_on=waits_for_the_writer)


async def test_what_a_rewind_voided_is_not_told(journal: Journal):
    await append(journal, c.Start(message_id="msg_2"), *STEP)
    await journal.runs.take("run", runner="b", lease_until=30.0, now=20.0)
    await append(journal, c.Rewind(to_seq=1), *STEP, epoch=2)

    found = await look(journal)

    assert [chunk.type for chunk in found.written] == ["start", "start-step", "text-start", "text-delta"]
    assert (found.epoch, found.in_step) == (2, True)


async def test_a_reader_is_cut_where_what_it_was_told_is_voided(journal: Journal):
    await append(journal, c.Start(message_id="msg_2"), *STEP)
    found = await look(journal)
    await journal.runs.take("run", runner="b", lease_until=30.0, now=20.0)
    await append(journal, c.TextDelta(id="t", delta="water."), epoch=2)
    await append(journal, c.Rewind(to_seq=1), epoch=2)

    assert (await anext(found.coming)).type == "text-delta"
    with pytest.raises(Rewound):
        await anext(found.coming)


RESULT = c.ToolOutputAvailable(tool_call_id="call", output=1)


@pytest.mark.parametrize("last", [[c.FinishStep()], [c.FinishStep(), RESULT], [c.Abort()], [c.Finish()]])
async def test_between_steps_nothing_is_at_stake(journal: Journal, last: list[c.Chunk]):
    await append(journal, c.Start(message_id="msg_2"), *STEP, c.TextEnd(id="t"), *last)

    assert not (await look(journal)).in_step


async def test_a_log_without_rows_is_empty_and_then_comes_what_comes(journal: Journal):
    found = await look(journal)
    await append(journal, c.Start(message_id="msg_2"))

    assert (list(found.written), found.epoch, found.in_step) == ([], 0, False)
    assert (await anext(found.coming)).type == "start"


def _chunk(place: int, to_seq: int | None) -> c.Chunk:
    return c.TextDelta(id="t", delta=f'{place} "rewind"') if to_seq is None else c.Rewind(to_seq=to_seq % (place + 1))


@given(st.lists(st.none() | st.integers(0, 50), max_size=40))
def test_the_rows_that_stand_are_those_of_the_effective_events(moves: list[int | None]):
    """Rows are told apart unparsed, also where a text speaks of rewinds."""
    chunks = [_chunk(place, to_seq) for place, to_seq in enumerate(moves)]
    rows = [Delta(seq=seq, epoch=1, chunk=chunk.to_json()) for seq, chunk in enumerate(chunks, 1)]

    kept = [event.seq for event in effective_events(StreamEvent(seq, chunk) for seq, chunk in enumerate(chunks, 1))]

    assert [row.seq for row in effective_rows(STREAM, rows)] == kept
