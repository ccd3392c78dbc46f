"""The message being written: its log and its parts, kept as one.

After a crash a runner restores it from the log. A step that is begun a second time voids what the dead runner wrote
of it, so the message never holds a text twice.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Self

from pydantic import JsonValue

from saga_agent.domain import chunks as c
from saga_agent.domain.journal import Run
from saga_agent.domain.parts import PartsBuilder
from saga_agent.domain.record import JsonObject
from saga_agent.errors import SeqGap, StreamError
from saga_agent.storage.patience import insist
from saga_agent.storage.ports.journal import Streams
from saga_agent.streams.hub import StreamHub
from saga_agent.streams.rows import StreamEvent, effective_events, read_rows, to_event
from saga_agent.streams.writer import StreamWriter

_DAMAGED = "damagedRows"


class MessageStream:
    """One assistant message of one run, under one epoch. Make it with `restore`."""

    def __init__(self, writer: StreamWriter, streams: Streams, run: Run) -> None:
        self._writer, self._streams, self._run = writer, streams, run
        self._builder = PartsBuilder()
        self._step_seqs: list[int] = []
        self._step_open = False
        self._begun = False
        self._last: StreamEvent | None = None
        self._damaged: list[int] = []

    @classmethod
    async def restore(cls, run: Run, streams: Streams, hub: StreamHub, *, is_new: bool = False) -> Self:
        """The message as its log tells it; an empty log gives an empty message, and one that `is_new` is not read.

        Rows that cannot be read are left out; `metadata` names them.

        Raises: `SeqGap` where rows are missing.
        """
        if is_new:
            return cls(StreamWriter(streams, hub, stream_id=run.stream_id, epoch=run.epoch, last_seq=0), streams, run)
        last_seq = (await streams.get(run.stream_id)).last_seq
        writer = StreamWriter(streams, hub, stream_id=run.stream_id, epoch=run.epoch, last_seq=last_seq)
        message = cls(writer, streams, run)
        await message._reload()
        return message

    @property
    def parts(self) -> tuple[JsonObject, ...]:
        """The parts so far."""
        return self._builder.parts

    @property
    def text(self) -> str:
        """The text so far."""
        return self._builder.text

    @property
    def metadata(self) -> JsonObject:
        """The metadata so far; `damagedRows` lists the rows of the log that could not be read."""
        damage: JsonObject = {_DAMAGED: list[JsonValue](self._damaged)} if self._damaged else {}
        return self._builder.metadata | damage

    @property
    def steps(self) -> int:
        """How many steps were begun."""
        return len(self._step_seqs)

    def call_state(self, call_id: str) -> str:
        """The state of a tool call's part: `input-available`, `approval-requested`, `output-available`, ..."""
        return self._builder.call_state(call_id)

    async def emit(self, chunk: c.Chunk) -> None:
        """Adds a chunk: readers see it, the log gets it. It goes on from before a terminal chunk, if there is one."""
        if not self._begun:
            self._begun = True
            await self.emit(c.Start(message_id=self._run.message_id))
        if self._last is not None:
            await self._rewind(self._last.seq - 1)
        self._builder.add(chunk)
        await self._writer.write(chunk)
        if isinstance(chunk, c.TERMINAL):
            self._last = StreamEvent(self._writer.last_seq, chunk)

    async def begin_step(self, step: int) -> None:
        """Opens the step with that number, from 0; voids what is there of it and after it."""
        if len(self._step_seqs) > step:
            await self._rewind(self._step_seqs[step] - 1)
        await self._close_step()
        await self.emit(c.StartStep())
        self._step_seqs.append(self._writer.last_seq)
        self._step_open = True

    async def end_step(self) -> None:
        """Closes the open step, if there is one; returns when it is durable."""
        await self._close_step()
        await self.flush()

    async def end(self, last: c.Chunk) -> None:
        """Closes the log with its terminal chunk, unless one of that kind is there; returns when all is durable."""
        if self._last is None or self._last.chunk.type != last.type:
            await self._close_step()
            await self.emit(last)
        await self.flush()

    async def flush(self) -> None:
        """Returns when everything emitted is durable."""
        await self._writer.flush()

    def let_go(self) -> None:
        """Writes nothing more: the run is another's now. What was shown and never stored is void."""
        self._writer.give_up(StreamError(f"run {self._run.id} was let go of"))

    @property
    def open_calls(self) -> tuple[str, ...]:
        """The calls whose outcome the message does not show."""
        return self._builder.open_calls

    def sealed(self, reason: str, *, begun: Collection[str] = ()) -> tuple[JsonObject, ...]:
        """The parts closed for good: calls without a result become errors with that reason, those `begun` in doubt."""
        return self._builder.seal(reason, begun=begun)

    async def _close_step(self) -> None:
        if self._step_open:
            self._step_open = False
            await self.emit(c.FinishStep())

    async def _rewind(self, to_seq: int) -> None:
        await self._writer.write(c.Rewind(to_seq=to_seq))
        try:
            await self._reload()
        except Exception as error:  # the parts are no longer what the log tells: nothing may build on them
            self._writer.give_up(error)
            raise

    async def _reload(self) -> None:
        events = effective_events(await insist(self._read))
        self._builder, self._step_seqs, self._step_open, self._last = PartsBuilder(), [], False, None
        for event in events:
            self._begun = True
            try:
                self._builder.add(event.chunk)
            except KeyError:  # its part began in a damaged row
                self._damaged.append(event.seq)
                continue
            if isinstance(event.chunk, c.StartStep):
                self._step_seqs.append(event.seq)
                self._step_open = True
            elif isinstance(event.chunk, c.FinishStep):
                self._step_open = False
            elif isinstance(event.chunk, c.TERMINAL):
                self._last = event

    async def _read(self) -> list[StreamEvent]:
        events: list[StreamEvent] = []
        seq, self._damaged = 0, []
        async for row in read_rows(self._streams, self._run.stream_id):
            seq = row.seq
            if event := to_event(self._run.stream_id, row):
                events.append(event)
            else:
                self._damaged.append(seq)
        if seq != self._writer.last_seq:
            raise SeqGap(self._run.stream_id, expected=seq + 1, got=self._writer.last_seq)
        return events
