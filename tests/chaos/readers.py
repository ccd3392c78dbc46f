"""The audience of the chaos: readers who follow messages whole, in every process, and compare at each pause and end.

What a reader was told is the beginning of the message; where it was told to the pause it is the message as the history
shows it, and where it was told to the end, the whole of it with a terminal chunk. What was voided is told anew.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx

from saga_agent.actor import Actor
from saga_agent.domain import chunks as c
from saga_agent.domain.journal import END_STATES, LIVE_STATES, Message, Run
from saga_agent.errors import StorageError
from saga_agent.runs.handle import RunHandle
from saga_agent.streams.replay import Rewound
from saga_agent.streams.rows import StreamEvent, effective_events
from tests.chaos.play import add_line, is_at_a_pause, whole_text

How = Literal["chunks", "whole", "rows", "http"]
_STILL = (*END_STATES, "waiting")
_LOOK_SECONDS = 0.3
_RUNS_LOOKED_AT = 30


class Cut(Exception):
    """What was told is void, or its line broke: the reader starts anew."""


@dataclass(slots=True)
class Told:
    """A message as one reader was told it, up to where its source stopped."""

    text: str = ""
    last: str = ""
    """The type of the last chunk."""
    seq: int | None = None
    """The last row, where the reader is told rows."""

    @property
    def is_ended(self) -> bool:
        return self.last in ("finish", "error", "abort")

    def add(self, chunk: c.Chunk) -> None:
        self.text += chunk.delta if isinstance(chunk, c.TextDelta) else ""
        self.last = chunk.type


def problem_of(told: Told, message: Message, *, is_over: bool) -> str:
    """What is wrong with that telling of a message that stands as given; empty when nothing is."""
    if told.text != message.text:
        return "the text differs"
    return "no end was told" if is_over and not told.is_ended else ""


@dataclass(slots=True)
class Audience:
    """The readers of one process, for the runs of all."""

    actor: Actor
    folder: Path
    process: str
    readers: int = 1
    """How many read each run here."""
    url: str | None = None
    """Where this process serves HTTP; then some read there."""
    _seen: set[str] = field(default_factory=set[str])
    _reading: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def attend(self) -> None:
        """Reads whatever the owner's runs write; ends only by being cancelled."""
        kinds: list[How] = ["chunks", "whole", "rows", *(["http"] if self.url else [])]  # pyright: ignore[reportAssignmentType]
        try:
            while True:
                with suppress(StorageError):
                    for run in await self.actor.runs(limit=_RUNS_LOOKED_AT):
                        if run.id not in self._seen and run.state in LIVE_STATES:
                            self._seen.add(run.id)
                            for how in random.sample(kinds, self.readers):
                                self._spawn(run, how)
                await asyncio.sleep(random.random() * _LOOK_SECONDS)
        finally:
            await self.leave()

    async def drained(self, patience_seconds: float) -> list[str]:
        """Waits until all that was begun has been read to its end, and no longer; who has not come there."""
        if self._reading:
            await asyncio.wait(self._reading, timeout=patience_seconds)
        return [task.get_name() for task in self._reading]

    async def leave(self) -> None:
        """Ends all reading."""
        for task in self._reading:
            task.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)

    def _spawn(self, run: Run, how: How) -> None:
        name = f"run {run.id}, stream {run.stream_id}: a reader of {self.process} by {how}"
        task = asyncio.create_task(self.read(run, how), name=name)
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)

    async def read(self, run: Run, how: How) -> None:
        """Follows the message to the end of its run."""
        await asyncio.sleep(random.random() * 0.5)
        while True:
            try:
                return await self._read(run, how, self._source(run, how))
            except (Rewound, Cut):
                add_line(self.folder / "told", f"{how} cut")
                how = "whole" if how == "chunks" else how  # only rows tell how far a rewind goes back
            except (StorageError, httpx.HTTPError):
                add_line(self.folder / "told", f"{how} failed")
            await asyncio.sleep(0.05)

    async def _read(self, run: Run, how: How, tell: Callable[[], AsyncIterator[Told]]) -> None:
        """Reads on from pause to pause; a difference counts when it is there again though the run has not moved."""
        tag = (await self.actor.threads.message(run.user_message_id)).text
        doubted: tuple[int, str] | None = None
        while True:
            async for told in tell():
                before = await self._state(run)
                message = await self.actor.threads.message(run.message_id)
                after = await self._state(run)
                if not whole_text(tag).startswith(told.text):
                    return self._complain(run, how, "what was told is no beginning", told, message)
                if not told.is_ended and not is_at_a_pause(tag, told.text):
                    return self._complain(run, how, "it was told half a step and no end", told, message)
                add_line(self.folder / "told", f"{how} text")
                if (before.state, before.epoch) != (after.state, after.epoch) or after.state not in _STILL:
                    continue  # it has gone on meanwhile
                if not (problem := problem_of(told, message, is_over=after.state in END_STATES)):
                    add_line(self.folder / "told", f"{how} {'pause' if after.state == 'waiting' else 'end'}")
                    if after.state in END_STATES:
                        return
                    await self._moved(run, after)
                elif doubted == (after.epoch, after.state):
                    return self._complain(run, how, problem, told, message)
                else:
                    doubted = (after.epoch, after.state)
            await asyncio.sleep(0.1)

    async def _moved(self, run: Run, seen: Run) -> None:
        """Returns when the run is no longer as it was seen."""
        while (await self._state(run)).state == seen.state:  # noqa: ASYNC110 - another process moves it
            await asyncio.sleep(_LOOK_SECONDS)

    async def _state(self, run: Run) -> Run:
        return await (await self.actor.run(run.id)).state()

    def _complain(self, run: Run, how: How, what: str, told: Told, message: Message) -> None:
        seq = "" if told.seq is None else f" at row {told.seq}"
        where = f"run {run.id}, stream {run.stream_id}{seq}: a reader of {self.process} by {how}"
        texts = json.dumps([told.text, told.last, message.text, message.state])
        add_line(self.folder / "complaints", f"{where}: {what}: told text, last chunk, stored text, state: {texts}")

    def _source(self, run: Run, how: How) -> Callable[[], AsyncIterator[Told]]:
        """What gives the message as told so far, each time that it is called, at the next pause or the end."""
        match how:
            case "chunks":
                return self._by_chunks(run)
            case "whole":
                return lambda: self._by_replay(run)
            case "rows":
                return self._by_rows(run)
            case "http":
                return lambda: self._by_http(run)

    def _by_chunks(self, run: Run) -> Callable[[], AsyncIterator[Told]]:
        """The same run object through all pauses."""
        told = Told()
        handles: list[RunHandle] = []

        async def tell() -> AsyncIterator[Told]:
            if not handles:
                handles.append(await self.actor.run(run.id))
            async for chunk in handles[0].chunks():
                if isinstance(chunk, c.Rewind):
                    raise Cut
                told.add(chunk)
            yield told

        return tell

    async def _by_replay(self, run: Run) -> AsyncIterator[Told]:
        """Anew from the first chunk, as HTTP does it."""
        told = Told()
        replay = await (await self.actor.run(run.id)).replay()
        for chunk in replay.written:
            told.add(chunk)
        async for chunk in replay.coming:
            told.add(chunk)
        yield told

    def _by_rows(self, run: Run) -> Callable[[], AsyncIterator[Told]]:
        """Rows, through pauses and rewinds, with the line dropped now and then."""
        events: list[StreamEvent] = []

        async def tell() -> AsyncIterator[Told]:
            after = events[-1].seq if events else 0
            patience = random.randrange(5, 60)
            async for event in self.actor.follow(run.stream_id, after=after):
                events.append(event)
                patience -= 1
                if not patience:
                    return
            told = Told(seq=events[-1].seq if events else 0)
            for event in effective_events(events):
                told.add(event.chunk)
            yield told

        return tell

    async def _by_http(self, run: Run) -> AsyncIterator[Told]:
        """The stream as a page takes it up, or the history where nothing is being written."""
        thread = await self.actor.threads.get(run.thread_id)
        chat, headers = f"{self.url}/ai/saga/{thread.chat_id}", {"x-owner": run.owner_id}
        async with httpx.AsyncClient(timeout=120, trust_env=False, headers=headers) as client:
            if (await self._state(run)).state not in END_STATES:
                response = await client.get(f"{chat}/stream")
                if response.status_code == 200:
                    yield _of_events(response.text, run.message_id)
                    return
            history = await client.get(f"{chat}/messages")
            if history.status_code != 200:
                raise Cut
            yield _of_history(history.json()["messages"], run.message_id)


def _of_events(body: str, message_id: str) -> Told:
    """The message of a response; `Cut` when it was broken off, or tells another message."""
    blocks = [block.removeprefix("data: ") for block in body.split("\n\n") if block.startswith("data: ")]
    if not blocks or blocks[-1] != "[DONE]":
        raise Cut
    told = Told()
    for event in map(json.loads, blocks[:-1]):
        if event["type"] == "start" and event.get("messageId") != message_id:
            raise Cut
        told.text += event["delta"] if event["type"] == "text-delta" else ""
        told.last = event["type"]
    return told


def _of_history(messages: list[dict[str, Any]], message_id: str) -> Told:
    for message in messages:
        if message["id"] == message_id:
            return Told("".join(part["text"] for part in message["parts"] if part["type"] == "text"), last="finish")
    return Told(last="finish")  # one of which nothing was said is not in the history
