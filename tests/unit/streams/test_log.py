"""Writing and reading a stream inside one process."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from saga_agent.domain import chunks as c
from saga_agent.domain.journal import Run
from saga_agent.errors import StaleEpoch, StorageUnavailable
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.ports.journal import Streams
from saga_agent.streams.hub import StreamHub, Subscriber
from saga_agent.streams.message import MessageStream
from saga_agent.streams.reader import Bookmark, StreamReader
from saga_agent.streams.replay import Replay, replay
from saga_agent.streams.rows import effective_events
from saga_agent.streams.writer import StreamWriter
from tests.turns import begin_turn


@pytest.fixture
async def storage() -> AsyncIterator[MemoryStorage]:
    async with MemoryStorage() as storage:
        yield storage


@pytest.fixture
async def run(storage: MemoryStorage) -> Run:
    """A run that was taken once: epoch 1."""
    return await begin_turn(storage)


def writer(streams: Streams, hub: StreamHub, **options: float) -> StreamWriter:
    return StreamWriter(streams, hub, stream_id="str", epoch=1, last_seq=0, **options)  # pyright: ignore


async def seqs(reader: StreamReader) -> list[int]:
    return [event.seq for event in await reader.load("str")]


async def test_deltas_wait_for_the_timer_and_boundaries_do_not(storage: MemoryStorage, run: Run) -> None:
    hub = StreamHub()
    reader, log = StreamReader(storage.journal, hub), writer(storage.journal.streams, hub, flush_seconds=0.01)

    await log.write(c.TextStart(id="t"))
    await log.write(c.TextDelta(id="t", delta="a"))
    await log.write(c.TextDelta(id="t", delta="b"))
    assert await reader.load("str") == []

    await hub.wait("str", timeout_seconds=5)  # the trailing flush: no further part is needed
    assert [event.chunk.to_json() for event in await reader.load("str")] == [
        '{"type":"text-start","id":"t"}',
        '{"type":"text-delta","id":"t","delta":"ab"}',
    ]

    await log.write(c.ToolInputStart(tool_call_id="c", tool_name="x"))
    await hub.wait("str", timeout_seconds=0.005)  # at once, and nobody waits for it
    assert await seqs(reader) == [1, 2, 3]
    await log.write(c.StartStep())
    assert await seqs(reader) == [1, 2, 3, 4]


async def test_a_full_batch_is_flushed_without_waiting(storage: MemoryStorage, run: Run) -> None:
    hub = StreamHub()
    log = writer(storage.journal.streams, hub, flush_seconds=1000, max_bytes=10)

    await log.write(c.TextDelta(id="t", delta="x" * 11))

    assert log.last_seq == 1


class Flaky:
    """A real journal whose appends fail now and then, before or after they happened."""

    def __init__(self, streams: Streams, faults: list[str]) -> None:
        self._streams, self.faults = streams, faults

    def __getattr__(self, name: str) -> object:
        return getattr(self._streams, name)

    async def append(self, stream_id: str, *, epoch: int, first_seq: int, chunks: list[str]) -> None:
        fault = self.faults.pop(0) if self.faults else ""
        if fault != "before":
            await self._streams.append(stream_id, epoch=epoch, first_seq=first_seq, chunks=chunks)
        if fault:
            raise StorageUnavailable("the connection is gone")


@pytest.mark.parametrize("faults", [["before"], ["after"], ["before", "after", "after"]])
async def test_a_failed_append_is_repeated_and_leaves_one_copy(
    storage: MemoryStorage, run: Run, faults: list[str]
) -> None:
    """Scenarios 14 and 15: lost requests and lost acknowledgements."""
    hub = StreamHub()
    log = writer(Flaky(storage.journal.streams, faults), hub)  # pyright: ignore[reportArgumentType]

    await log.write(c.TextDelta(id="t", delta="once"))
    await log.flush()

    events = await StreamReader(storage.journal, hub).load("str")
    assert [event.chunk.to_json() for event in events] == ['{"type":"text-delta","id":"t","delta":"once"}']


async def test_a_writer_that_was_overtaken_writes_nothing(storage: MemoryStorage, run: Run) -> None:
    """Scenario 10: the zombie's next append fails and changes nothing."""
    hub = StreamHub()
    log = writer(storage.journal.streams, hub)
    await storage.journal.runs.take("run", runner="other", lease_until=200, now=150)

    with pytest.raises(StaleEpoch):
        await log.write(c.StartStep())

    assert await seqs(StreamReader(storage.journal, hub)) == []


async def test_a_live_reader_sees_a_chunk_before_it_is_durable(storage: MemoryStorage, run: Run) -> None:
    hub = StreamHub()
    reader, log = StreamReader(storage.journal, hub), writer(storage.journal.streams, hub, flush_seconds=1000)
    live = reader.live("str", Bookmark())

    await log.write(c.TextStart(id="t"))
    assert await anext(live) == c.TextStart(id="t")
    assert await reader.load("str") == []


@pytest.mark.parametrize("join_at", [0, 3, 7, 20])
async def test_whenever_a_reader_joins_it_sees_the_whole_message_once(
    storage: MemoryStorage, run: Run, join_at: int
) -> None:
    """Scenario 5: what is in the log, what is not yet, and what comes, without gap or repeat."""
    hub = StreamHub()
    reader, log = StreamReader(storage.journal, hub), writer(storage.journal.streams, hub, flush_seconds=1000)
    readers: list[asyncio.Task[str]] = []

    async def read() -> str:
        return "".join(
            [chunk.delta async for chunk in reader.live("str", Bookmark()) if isinstance(chunk, c.TextDelta)]
        )

    for index in range(20):
        if index == join_at:
            readers.append(asyncio.create_task(read()))
            await asyncio.sleep(0)
        await log.write(c.TextDelta(id="t", delta=f"{index},"))
        if index % 5 == 4:
            await log.flush()
    readers.append(asyncio.create_task(read()))
    await asyncio.sleep(0)
    await log.flush()
    await storage.journal.runs.pause("run", epoch=1, parts=[])
    hub.close("str")

    expected = "".join(f"{index}," for index in range(20))
    assert await asyncio.gather(*readers) == [expected] * len(readers)


async def test_following_after_a_seq_gives_what_comes_after_it(storage: MemoryStorage, run: Run) -> None:
    """Scenario 6: wherever a client was cut off, nothing comes twice and nothing is missing."""
    hub = StreamHub()
    reader, log = StreamReader(storage.journal, hub), writer(storage.journal.streams, hub)
    for index in range(10):
        await log.write(c.Data(type="data-n", data=index))
    await storage.journal.runs.pause("run", epoch=1, parts=[])

    for after in range(11):
        assert [event.seq async for event in reader.follow("str", after=after)] == list(range(after + 1, 11))


def test_a_reader_that_is_too_slow_is_let_go_at_a_flush_boundary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("saga_agent.streams.hub._MAX_QUEUED", 3)
    subscriber = Subscriber(0)
    subscriber.meet(0, [])
    words = [c.TextDelta(id="t", delta=str(index)) for index in range(6)]
    for word in words:
        subscriber.push(word)

    assert not subscriber.at_boundary(9, words[4:])

    assert subscriber.resume_after == 9
    queued = [chunk.delta for chunk in subscriber._queue if isinstance(chunk, c.TextDelta)]
    assert queued == ["0", "1", "2", "3"]
    assert not subscriber.saw_unlogged


async def test_rows_whose_writer_has_not_heard_that_they_arrived_are_not_told_twice(
    storage: MemoryStorage, run: Run
) -> None:
    """A reader may see rows in the log before the acknowledgement has come back to who wrote them."""
    hub = StreamHub()
    slow = Acknowledging(storage.journal.streams)
    log = writer(slow, hub)  # pyright: ignore[reportArgumentType]
    reader = StreamReader(storage.journal, hub)
    writing = asyncio.create_task(log.write(c.StartStep()))
    await slow.stored.wait()

    found = await replay("str", storage.journal.streams, reader, goes_on=never)
    reading = asyncio.create_task(collect(found))
    await asyncio.sleep(0)
    slow.acknowledged.set()
    await writing
    await log.write(c.FinishStep())
    await log.flush()
    await storage.journal.runs.pause("run", epoch=1, parts=[])
    hub.close("str")

    assert await reading == [c.StartStep(), c.FinishStep()]


async def test_rows_of_another_process_are_told_to_who_followed_the_writer_before(
    storage: MemoryStorage, run: Run
) -> None:
    """A channel outlives a writer whose run goes on here; what was written elsewhere in between comes first."""
    hub = StreamHub()
    log, reader = writer(storage.journal.streams, hub), StreamReader(storage.journal, hub)
    live = reader.live("str", Bookmark())
    await log.write(c.Data(type="data-n", data=1))
    heard = [await anext(live)]
    rest = asyncio.create_task(anext(live))
    await asyncio.sleep(0)

    await storage.journal.streams.append("str", epoch=1, first_seq=2, chunks=[c.StartStep().to_json()])
    later = StreamWriter(storage.journal.streams, hub, stream_id="str", epoch=1, last_seq=2)
    await later.write(c.FinishStep())

    heard += [await rest, await anext(live)]
    assert [chunk.type for chunk in heard] == ["data-n", "start-step", "finish-step"]


async def test_words_that_never_reached_the_log_are_voided_for_who_has_seen_them(
    storage: MemoryStorage, run: Run
) -> None:
    hub = StreamHub()
    log, reader = writer(storage.journal.streams, hub, flush_seconds=1000), StreamReader(storage.journal, hub)
    live = reader.live("str", Bookmark())
    await log.write(c.StartStep())
    await log.write(c.TextStart(id="t"))
    seen = [await anext(live), await anext(live)]
    late = reader.live("str", Bookmark())
    await anext(late)  # has the step, but has not yet looked at the text

    await storage.journal.runs.pause("run", epoch=1, parts=[])
    hub.close("str")

    assert [chunk.type for chunk in seen] == ["start-step", "text-start"]
    assert [chunk async for chunk in live] == [c.Rewind(to_seq=1)]
    assert [chunk async for chunk in late] == []


async def test_a_writer_that_has_given_up_tells_and_stores_nothing_more(storage: MemoryStorage, run: Run) -> None:
    hub = StreamHub()
    log = writer(storage.journal.streams, hub, flush_seconds=0.0)
    await log.write(c.TextStart(id="t"))
    log.give_up(StaleEpoch("run", epoch=1, current=2))

    await asyncio.sleep(0.01)

    assert await seqs(StreamReader(storage.journal, hub)) == []
    with pytest.raises(StaleEpoch):
        await log.flush()


async def test_readers_of_a_writer_that_gives_up_turn_to_the_log(storage: MemoryStorage, run: Run) -> None:
    """What was told of it and never stored is told void, and nobody waits for more."""
    hub = StreamHub()
    reader, log = StreamReader(storage.journal, hub), writer(storage.journal.streams, hub, flush_seconds=1000)
    await log.write(c.StartStep())
    live = (await hub.feed("str")).attach(1)  # pyright: ignore[reportOptionalMemberAccess]
    await log.write(c.TextStart(id="t"))

    log.give_up(StaleEpoch("run", epoch=1, current=2))

    assert live.resume_after == 1
    assert await live.next() is None
    assert await hub.feed("str") is None
    assert await seqs(reader) == [1]


async def test_a_batch_is_full_by_its_bytes_not_its_characters(storage: MemoryStorage, run: Run) -> None:
    """Text of other scripts takes up to four bytes a character in the log."""
    log = writer(storage.journal.streams, StreamHub(), flush_seconds=1000, max_bytes=30)

    await log.write(c.TextDelta(id="t", delta="東京の物語だ"))
    await log.write(c.ToolInputDelta(tool_call_id="c", input_text_delta="x" * 11))
    assert log.last_seq == 0, "29 bytes are less than 30"
    await log.write(c.ReasoningDelta(id="r", delta="y"))

    assert log.last_seq == 3, "30 bytes are a full batch"


async def test_a_batch_is_full_by_its_chunks(storage: MemoryStorage, run: Run) -> None:
    log = writer(storage.journal.streams, StreamHub(), flush_seconds=1000, max_batch=3)

    for part in "ab":
        await log.write(c.TextStart(id=part))
    assert log.last_seq == 0, "two chunks are less than three"
    await log.write(c.TextStart(id="c"))

    assert log.last_seq == 3


class Acknowledging:
    """A real log whose acknowledgements come when they are let go."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self.stored, self.acknowledged = asyncio.Event(), asyncio.Event()

    async def append(self, stream_id: str, *, epoch: int, first_seq: int, chunks: list[str]) -> None:
        await self._streams.append(stream_id, epoch=epoch, first_seq=first_seq, chunks=chunks)
        self.stored.set()
        await self.acknowledged.wait()


async def never() -> bool:
    return False


async def collect(found: Replay) -> list[c.Chunk]:
    return [*found.written, *[chunk async for chunk in found.coming]]


async def test_a_step_that_is_begun_again_voids_what_was_there_of_it(storage: MemoryStorage, run: Run) -> None:
    """Scenario 3: after a crash in mid-step the message holds the new text only; the log keeps the killed one."""
    hub = StreamHub()
    dead = await MessageStream.restore(run, storage.journal.streams, hub)
    await dead.begin_step(0)
    await dead.emit(c.TextStart(id="a"))
    await dead.emit(c.TextDelta(id="a", delta="Half a sen"))
    await dead.flush()

    taken = await storage.journal.runs.take("run", runner="other", lease_until=200, now=150)
    alive = await MessageStream.restore(taken, storage.journal.streams, hub)
    assert alive.text == "Half a sen"
    await alive.begin_step(0)
    await alive.emit(c.TextStart(id="a"))
    await alive.emit(c.TextDelta(id="a", delta="A whole sentence."))
    await alive.emit(c.TextEnd(id="a"))
    await alive.flush()

    events = await StreamReader(storage.journal, hub).load("str")
    kinds = [event.chunk.type for event in effective_events(events)]
    assert alive.text == "A whole sentence."
    assert kinds == ["start", "start-step", "text-start", "text-delta", "text-end"]
    assert any("Half a sen" in event.chunk.to_json() for event in events)


async def test_a_later_step_does_not_void_an_earlier_one(storage: MemoryStorage, run: Run) -> None:
    message = await MessageStream.restore(run, storage.journal.streams, StreamHub())
    for step in (0, 1, 1):
        await message.begin_step(step)
        await message.emit(c.TextStart(id=f"t{step}"))
        await message.emit(c.TextDelta(id=f"t{step}", delta=f"step {step}. "))
        await message.emit(c.TextEnd(id=f"t{step}"))

    assert message.text == "step 0. step 1. "
