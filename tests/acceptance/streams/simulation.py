"""A message as a crowd of readers is told it, while its runners are slow, die, pause and are overtaken.

The hub, the reader, the writer, the message and the log are the real ones. What stands for the rest of the world is
drawn from one seed: how long the way to the database and the way back take, which acknowledgements are lost, when a
process dies, when another takes the run from a runner that lives, who reads from where, and when.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from typing import Any, ParamSpec, TypeVar, cast

from saga_agent.domain import chunks as c
from saga_agent.domain.journal import END_STATES, Run
from saga_agent.errors import RunFailed, SagaError, StaleEpoch
from saga_agent.storage.adapter import Storage
from saga_agent.storage.ports.journal import Journal
from saga_agent.streams.hub import StreamHub
from saga_agent.streams.merge import merge_chunks
from saga_agent.streams.message import MessageStream
from saga_agent.streams.reader import StreamReader
from saga_agent.streams.replay import Rewound, replay
from saga_agent.streams.rows import effective_events
from saga_agent.testing.faults import FaultPlan, FaultyStorage
from tests.turns import begin_turn

P = ParamSpec("P")
T = TypeVar("T")

_STEPS = 4
_SHORT, _LONG = 0.01, 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What befalls the turn."""

    seed: int
    pace_seconds: float = 1.0
    """What the delays are multiplied with; small where they pass on a real clock."""
    fault_rate: float = 0.05
    readers: int = 6


class _Distant:
    """A noun of the journal at the end of a long line: the way there takes time, and so does the way back."""

    def __init__(self, noun: object, process: Process) -> None:
        self._noun, self._process = noun, process

    def __getattr__(self, name: str) -> object:
        verb = getattr(self._noun, name)
        if name == "listen":
            return verb

        async def call(*args: object, **kwargs: object) -> object:
            await self._process.delay()
            try:
                return await verb(*args, **kwargs)
            finally:
                await self._process.delay()

        return call


class Process:
    """One process: its own way to the database, its own hub; when it is dead, nothing in it goes on."""

    def __init__(self, storage: Storage, world: World, number: int) -> None:
        self.name = f"process-{number}"
        self._random = random.Random(f"{world.seed} {number}")
        self._world = world
        plan = FaultPlan(rate=world.fault_rate, seed=world.seed * 1000 + number, random_verbs=["streams.*"])
        faulty = FaultyStorage(storage, plan).journal
        nouns = {noun.name: _Distant(getattr(faulty, noun.name), self) for noun in fields(Journal)}
        self.journal = Journal(**cast(dict[str, Any], nouns))
        self.hub = StreamHub(storage.journal.streams.listen)
        self.reader = StreamReader(self.journal, self.hub)
        self.tasks: set[asyncio.Task[None]] = set()
        self.is_dead = False
        self.is_busy = False
        """Whether a runner here has not heard yet that it was overtaken; a process has one task for a run."""

    async def delay(self) -> None:
        if self._random.random() < 0.7:
            typical = _SHORT if self._random.random() < 0.8 else _LONG
            await asyncio.sleep(self._world.pace_seconds * self._random.expovariate(1 / typical))
        if self.is_dead:
            raise asyncio.CancelledError

    def spawn(self, work: Awaitable[None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        return task

    async def die(self) -> None:
        """As after SIGKILL: nobody in it sees the end coming."""
        self.is_dead = True
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


@dataclass(slots=True)
class Told:
    """What one reader was told, up to a pause or the end."""

    how: str
    chunks: list[c.Chunk]
    is_over: bool


@dataclass(slots=True)
class Play:
    """One turn and its readers."""

    storage: Storage
    world: World
    told: list[Told] = field(default_factory=list[Told])
    cuts: int = 0
    _done_steps: int = 0
    _processes: list[Process] = field(default_factory=list[Process])
    _losses: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def run(self) -> Sequence[c.Chunk]:
        """Plays the turn to its end, waits for every reader, and gives what the log holds in the end."""
        rng = random.Random(self.world.seed)
        await begin_turn(self.storage)
        self._processes = [Process(self.storage, self.world, number) for number in range(2)]
        audience = [asyncio.create_task(self._attend(random.Random(rng.random()))) for _ in range(self.world.readers)]
        while not await self._is_over():
            while not (idle := [each for each in self._processes if not each.is_busy]):
                await asyncio.wait(self._losses, return_when=asyncio.FIRST_COMPLETED)
                self._losses = {each for each in self._losses if not each.done()}
            await self._attempt(rng, rng.choice(idle))
        for process in self._processes:
            process.hub.close("str")
        await asyncio.wait_for(asyncio.gather(*audience), 600)
        await asyncio.gather(*self._losses)
        for process in self._processes:
            await process.die()
        return await self.written()

    async def written(self) -> list[c.Chunk]:
        """What counts of the log."""
        events = await StreamReader(self.storage.journal, StreamHub()).load("str")
        return [event.chunk for event in effective_events(events)]

    async def _is_over(self) -> bool:
        return (await self.storage.journal.runs.get("run")).state in END_STATES

    async def _attempt(self, rng: random.Random, process: Process) -> None:
        """One attempt at the run, and what befalls it; the next one may begin while this one still goes on."""
        try:
            run = await self.storage.journal.runs.take("run", runner=process.name, lease_until=1e12, now=2e12)
        except RunFailed:
            return  # one that was overtaken came to the end first
        process.hub.open("str")
        work = process.spawn(self._write(process, run, random.Random(rng.random())))
        fate = rng.choice(["none", "none", "none", "killed", "overtaken", "closed"])
        patience = self.world.pace_seconds * rng.expovariate(1 / 1.5)
        if fate != "none":
            await asyncio.wait({work}, timeout=patience)
        match fate:
            case "killed":
                self._processes[self._processes.index(process)] = Process(
                    self.storage, self.world, rng.randrange(10**9)
                )
                await process.die()
            case "overtaken":
                process.is_busy = True
                later = self.world.pace_seconds * rng.expovariate(1 / 1.0)
                self._losses.add(asyncio.create_task(self._lose(process, work, later)))
            case "closed":
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)
                await self._leave(rng, process)
            case _:
                await asyncio.gather(work, return_exceptions=True)
                await self._leave(rng, process)

    async def _leave(self, rng: random.Random, process: Process) -> None:
        if rng.random() < 0.7:  # else the runner was asked to look at the run again: its channel stays
            process.hub.close("str")
        if rng.random() < 0.5:
            await asyncio.sleep(self.world.pace_seconds * rng.expovariate(1 / 0.5))

    async def _lose(self, process: Process, work: asyncio.Task[None], later: float) -> None:
        """A runner that was overtaken hears of it when its lease is looked at."""
        await asyncio.wait({work}, timeout=later)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        process.hub.close("str")
        process.is_busy = False

    async def _write(self, process: Process, run: Run, rng: random.Random) -> None:
        stream: MessageStream | None = None
        try:
            stream = await MessageStream.restore(run, process.journal.streams, process.hub)
            for step in range(self._done_steps, _STEPS):
                await self._write_step(stream, step, run.epoch, rng)
                if (await self.storage.journal.runs.get(run.id)).epoch != run.epoch:
                    return  # its checkpoint is refused
                self._done_steps = step + 1
                if step % 2 == 0 and step + 1 < _STEPS:
                    await process.journal.runs.pause(run.id, epoch=run.epoch, parts=stream.parts)
                    return
            await stream.end(c.Finish(finish_reason="stop"))
            await process.journal.runs.finish(
                run.id, epoch=run.epoch, state="finished", reason="", parts=stream.parts, metadata={}, usage=(), now=1.0
            )
        except asyncio.CancelledError:
            if stream is not None and not process.is_dead and rng.random() < 0.7:
                await stream.flush()
            raise
        except (StaleEpoch, SagaError):
            return  # somebody takes the run up again

    async def _write_step(self, stream: MessageStream, step: int, epoch: int, rng: random.Random) -> None:
        await stream.begin_step(step)
        part = f"text-{step}"
        await stream.emit(c.TextStart(id=part))
        for number in range(rng.randrange(1, 8)):
            await stream.emit(c.TextDelta(id=part, delta=f"{step}.{epoch}.{number} "))
            if rng.random() < 0.5:
                await asyncio.sleep(self.world.pace_seconds * rng.expovariate(1 / 0.08))
        await stream.emit(c.TextEnd(id=part))
        call = f"call-{step}-{epoch}"
        await stream.emit(c.ToolInputStart(tool_call_id=call, tool_name="x"))
        await stream.emit(c.ToolInputAvailable(tool_call_id=call, tool_name="x", input={}))
        if step % 2 == 0:
            await stream.emit(c.ToolApprovalRequest(approval_id=f"ask-{call}", tool_call_id=call))
        else:
            await stream.emit(c.ToolOutputAvailable(tool_call_id=call, output={"step": step}))
        await stream.end_step()

    async def _attend(self, rng: random.Random) -> None:
        """Somebody who reads until the turn is over, and asks again when cut off."""
        how = rng.choice(["whole", "whole", "rows"])
        while True:
            await asyncio.sleep(self.world.pace_seconds * rng.expovariate(1 / 0.4))
            process = rng.choice(self._processes)
            reading = process.spawn(self._read(how, process, rng))
            await asyncio.wait({reading})
            if process.is_dead:
                continue
            with suppress(Rewound, SagaError):
                reading.result()
                if await self._is_over() and self.told and rng.random() < 0.8:
                    return
                continue
            self.cuts += 1

    async def _read(self, how: str, process: Process, rng: random.Random) -> None:
        goes_on = self._goes_on(process, stops_at_pauses=rng.random() < 0.5)
        if how == "rows":
            chunks = [event.chunk for event in effective_events([each async for each in process.reader.follow("str")])]
        else:
            found = await replay("str", process.journal.streams, process.reader, goes_on=goes_on)
            chunks = list(found.written)
            async for chunk in found.coming:
                chunks.append(chunk)
        self.told.append(Told(how, chunks, bool(chunks) and isinstance(chunks[-1], c.TERMINAL)))

    def _goes_on(self, process: Process, *, stops_at_pauses: bool) -> Callable[[], Awaitable[bool]]:
        async def goes_on() -> bool:
            while True:
                run = await process.journal.runs.get("run")
                if run.state != "waiting" or process.hub.find("str") is not None:
                    return run.state not in END_STATES
                if stops_at_pauses:
                    return False
                await process.hub.wait("str", timeout_seconds=self.world.pace_seconds)

        return goes_on


def problem_of(told: Told, written: Sequence[c.Chunk]) -> str:
    """How what a reader was told differs from the answer, of which it must be the beginning; empty if it is."""
    heard, answer = merge_chunks(told.chunks), merge_chunks(written)
    for place, chunk in enumerate(heard):
        expected = answer[place] if place < len(answer) else None
        if expected != chunk:
            return f"a {told.how} reader was told {chunk!r} as number {place}, where the answer has {expected!r}"
    if told.is_over and len(heard) != len(answer):
        return f"a {told.how} reader was told {len(heard)} of {len(answer)} chunks as the whole answer"
    return ""
