"""Readers and hubs with one fault each, to see that the kit finds it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

from saga_agent.domain.chunks import CHUNK, Chunk
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.ports.journal import Journal
from saga_agent.streams.hub import Channel, Feed, StreamHub, Subscriber
from saga_agent.streams.reader import Bookmark, StreamReader
from saga_agent.streams.rows import StreamEvent, effective_events
from saga_agent.testing.streams import Reader, Stand


class SkipsTheFirst(StreamReader):
    """It takes `after` for the first seq it is to tell."""

    def follow(self, stream_id: str, *, after: int = 0) -> AsyncIterator[StreamEvent]:
        return super().follow(stream_id, after=after + 1)


class TrustsEveryRow(StreamReader):
    async def load(self, stream_id: str) -> list[StreamEvent]:
        rows = await self._journal.streams.read(stream_id)
        return [StreamEvent(row.seq, CHUNK.validate_json(row.chunk)) for row in rows]


class TakesRewindsOut(StreamReader):
    async def load(self, stream_id: str) -> list[StreamEvent]:
        return effective_events(await super().load(stream_id))


class TellsRowsAlone(StreamReader):
    """It says nothing of an end that is in no row."""

    async def follow(self, stream_id: str, *, after: int = 0) -> AsyncIterator[StreamEvent]:
        async for event in super().follow(stream_id, after=after):
            if event.seq > after and await self._journal.streams.read(stream_id, after=event.seq - 1, limit=1):
                yield event


class ForgetsItsPlace(StreamReader):
    async def live(self, stream_id: str, bookmark: Bookmark) -> AsyncIterator[Chunk]:
        async for chunk in super().live(stream_id, Bookmark(bookmark.after)):
            yield chunk


class Invents(StreamReader):
    """It takes a stream that is not there for an empty one."""

    async def follow(self, stream_id: str, *, after: int = 0) -> AsyncIterator[StreamEvent]:
        if stream_id != "str_unknown":
            async for event in super().follow(stream_id, after=after):
                yield event


class _Hub(StreamHub):
    feed_of: type[Feed] = Feed

    def open(self, stream_id: str) -> Channel:
        if stream_id not in self._channels:
            self._channels[stream_id] = _Channel(self.feed_of)
        return self._channels[stream_id]


class _Channel(Channel):
    def __init__(self, feed_of: type[Feed]) -> None:
        super().__init__()
        self._feed_of = feed_of

    def begin(self, flushed_seq: int) -> Feed:
        super().begin(flushed_seq)
        self._feed = self._feed_of(flushed_seq)
        return self._feed


class _Silent(Feed):
    def publish(self, chunk: Chunk) -> None:
        """Tells nobody until the flush."""


class TellsWhatIsStored(_Hub):
    feed_of = _Silent


class _Hasty(Feed):
    def attach(self, after: int) -> Subscriber:
        subscriber = super().attach(min(after, self._flushed_seq))
        return subscriber


class MeetsReadersAtOnce(_Hub):
    """It gives pending chunks to a reader whose log is ahead of its writer."""

    feed_of = _Hasty


class _Unmoved(Feed):
    def close(self) -> None:
        self._pending.clear()
        super().close()


class KeepsQuietAboutLosses(_Hub):
    feed_of = _Unmoved


class _Late(Feed):
    def attach(self, after: int) -> Subscriber:
        pending, self._pending = self._pending, []
        subscriber = super().attach(after)
        self._pending = pending
        return subscriber


class ForgetsWhatIsPending(_Hub):
    """Who joins in the middle of a batch is told what comes after."""

    feed_of = _Late


class _Kept(_Channel):
    def begin(self, flushed_seq: int) -> Feed:
        if self._feed is None:
            return super().begin(flushed_seq)
        self._feed._flushed_seq = flushed_seq  # pyright: ignore[reportPrivateUsage]
        return self._feed


class KeepsItsReadersAcrossWriters(_Hub):
    def open(self, stream_id: str) -> Channel:
        if stream_id not in self._channels:
            self._channels[stream_id] = _Kept(Feed)
        return self._channels[stream_id]


class ClosesSilently(StreamHub):
    """Who waits for a writer that never begins waits for ever."""

    def close(self, stream_id: str) -> None:
        self._channels.pop(stream_id, None)


def _with(
    reader: Callable[[Journal, StreamHub], Reader] = StreamReader, hub: type[StreamHub] = StreamHub
) -> Callable[[MemoryStorage], Stand]:
    def build(storage: MemoryStorage) -> Stand:
        made = hub(storage.journal.streams.listen)
        return Stand(storage, made, reader(storage.journal, made))

    return build


STREAM_FAULTS: dict[str, tuple[Callable[[MemoryStorage], Stand], Sequence[str]]] = {
    "skips the first": (_with(SkipsTheFirst), ["reader.tells_what_follows_a_seq"]),
    "trusts every row": (_with(TrustsEveryRow), ["reader.leaves_damaged_rows_out"]),
    "takes rewinds out": (_with(TakesRewindsOut), ["reader.gives_rewinds_as_rows"]),
    "tells rows alone": (
        _with(TellsRowsAlone),
        ["reader.tells_the_end_of_a_log_without_one", "reader.tells_the_message_when_the_rows_are_gone"],
    ),
    "forgets its place": (_with(ForgetsItsPlace), ["reader.goes_on_where_it_was"]),
    "invents streams": (_with(Invents), ["reader.refuses_a_stream_that_is_not_there"]),
    "tells what is stored": (_with(hub=TellsWhatIsStored), ["hub.shows_chunks_before_they_are_stored"]),
    "meets readers at once": (_with(hub=MeetsReadersAtOnce), ["hub.tells_no_row_twice"]),
    "keeps quiet about losses": (_with(hub=KeepsQuietAboutLosses), ["hub.voids_what_was_never_stored"]),
    "forgets what is pending": (_with(hub=ForgetsWhatIsPending), ["hub.tells_everything_once_whenever_a_reader_joins"]),
    "keeps its readers across writers": (
        _with(hub=KeepsItsReadersAcrossWriters),
        ["hub.tells_rows_of_other_writers_in_between"],
    ),
    "closes silently": (_with(hub=ClosesSilently), ["hub.lets_readers_wait_for_the_writer"]),
}
