"""A database that several sagas of a test share, as several processes would, and workers to be killed."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from langchain_core.language_models import BaseChatModel

from saga_agent.app import Saga, build_storage
from saga_agent.clock import Clock, SystemClock
from saga_agent.domain.journal import Message, Run, Thread
from saga_agent.models.script import Part, Turn
from saga_agent.models.scripted import ScriptedModel
from saga_agent.runs.handle import RunHandle
from saga_agent.runs.lease import LeaseTimes
from saga_agent.runs.settings import Recovery, RunSettings
from saga_agent.storage.adapter import Storage
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.streams.rows import StreamEvent
from saga_agent.testing.faults import FaultPlan, FaultyStorage
from tests.acceptance.streams.cast import AGENTS, marking_tools

ROOT = Path(__file__).parents[3]


@dataclass(slots=True)
class World:
    """One database."""

    marks: Path
    """The file that the tools write to."""
    url: str | None = None
    """None in memory."""
    memory: MemoryStorage = field(default_factory=MemoryStorage)
    opened: list[Saga] = field(default_factory=list[Saga])
    workers: list[Worker] = field(default_factory=list["Worker"])

    def storage(self) -> Storage:
        """The database, by a connection of its own."""
        return self.memory if self.url is None else build_storage(self.url)

    async def open(
        self,
        *steps: Turn | Part,
        model: BaseChatModel | None = None,
        plan: FaultPlan | None = None,
        reached: Callable[[], object] | None = None,
        clock: Clock | None = None,
        times: LeaseTimes | None = None,
        recovery: Recovery = "resume",
        live_turns: int = 250,
        **options: Any,
    ) -> Saga:
        """A saga that plays these steps; it takes up runs of others only when its reaper is told to."""
        storage = self.storage() if plan is None else FaultyStorage(self.storage(), plan)
        runs = RunSettings(
            works=False,
            clock=clock or SystemClock(),
            times=times or LeaseTimes(),
            recovery=recovery,
            live_turns=live_turns,
        )
        options = {"agents": AGENTS, "tools": marking_tools(self.marks, reached=reached), **options}
        saga = Saga.open(storage=storage, model=model or ScriptedModel(steps), runs=runs, **options)
        self.opened.append(saga)
        return await saga.start()

    async def worker(self, scene: str) -> Worker:
        """Another process at work on the database; see `worker.py`."""
        assert self.url is not None, "a process cannot share this one's memory"
        worker = await Worker.start(self.url, scene, self.marks)
        self.workers.append(worker)
        return worker

    async def close(self) -> None:
        """Ends what was opened."""
        for worker in self.workers:
            await worker.kill()
        for saga in self.opened:
            await saga.close()


class Worker:
    """A subprocess that prints JSON lines."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.lines: list[dict[str, Any]] = []

    @classmethod
    async def start(cls, *arguments: object) -> Self:
        """The worker, with its first line read: which run it works on."""
        command = [sys.executable, "-m", "tests.acceptance.streams.worker", *map(str, arguments)]
        pipe = asyncio.subprocess.PIPE
        worker = cls(await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=pipe, limit=2**24))
        await worker.until("run")
        return worker

    @property
    def run_id(self) -> str:
        return self.lines[0]["run"]

    @property
    def stream_id(self) -> str:
        return self.lines[0]["stream"]

    async def until(self, key: str, wanted: Callable[[Any], bool] = lambda _: True) -> Any:
        """The value of the next line with that key whose value is wanted."""
        while line := await self._read():
            if key in line and wanted(line[key]):
                return line[key]
        raise AssertionError(f"the worker ended without {key!r}; its last lines: {self.lines[-5:]}")

    async def kill(self) -> None:
        """SIGKILL; afterwards `lines` holds all that it had said."""
        if self._process.returncode is None:
            self._process.kill()
            while await self._read():
                pass
            await self._process.wait()

    async def _read(self) -> dict[str, Any] | None:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line.endswith(b"\n"):  # killed within the line
            return None
        self.lines.append(json.loads(line))
        return self.lines[-1]


async def new_thread(saga: Saga) -> Thread:
    """A thread of a new project."""
    project = await saga.story.projects.create(name="A book")
    return await saga.threads.create(project_id=project.id)


async def send(saga: Saga, text: str = "Go") -> RunHandle:
    """A run in a thread of its own."""
    return await saga.send((await new_thread(saga)).id, text)


async def reap(saga: Saga) -> list[Run]:
    """One pass of the reaper, and what it took up brought to its pause or end."""
    found = await saga.reaper.reap()
    for run in found:
        await saga._engine.runner.wait(run.id)
    return found


async def settled(saga: Saga, run_id: str) -> tuple[Run, Message]:
    """The run and its message as they stand."""
    run = await saga.storage.journal.runs.get(run_id)
    return run, await saga.storage.journal.threads.message(run.message_id)


async def log_of(saga: Saga, stream_id: str) -> list[StreamEvent]:
    """All rows of a stream, voided ones too."""
    return await saga._reader.load(stream_id)


async def first(events: AsyncIterator[Any], wanted: Callable[[Any], bool]) -> Any:
    """The first that is wanted."""
    async for event in events:
        if wanted(event):
            return event
    raise AssertionError("it never came")


async def eventually(check: Callable[[], Any]) -> None:
    """Returns when the condition holds; the test's own time-out is the limit."""
    while not check():  # noqa: ASYNC110 - for what no event tells
        await asyncio.sleep(0.001)
