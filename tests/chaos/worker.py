"""One process of the chaos: sends, reads, answers and stops until it is killed, on a storage that fails now and then.

It writes what the log acknowledged to
`FOLDER/acknowledged`, what its readers compared to `FOLDER/told` and saw wrong to `FOLDER/complaints`, which runs it
took and let go to `FOLDER/holders`, and its tools write to `FOLDER/marks`.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from saga_agent.actor import Actor
from saga_agent.app import Saga, build_storage
from saga_agent.domain.journal import END_STATES, RunState
from saga_agent.errors import RunBusy, StorageError
from saga_agent.runs.settings import RunSettings
from saga_agent.storage.adapter import Storage
from saga_agent.storage.ports.journal import Streams
from saga_agent.testing.faults import FaultPlan, FaultyStorage
from tests.chaos.holders import RunsWitness
from tests.chaos.play import AGENTS, TIMES, Chatter, add_line, marking_tools
from tests.chaos.readers import Audience
from tests.chaos.writer import answer


def digest(chunks: Sequence[str]) -> str:
    """A short name for these rows."""
    return hashlib.sha256("\n".join(chunks).encode()).hexdigest()[:16]


class Witness:
    """A journal's streams that writes down every append whose acknowledgement reached the writer."""

    def __init__(self, streams: Streams, path: Path) -> None:
        self._streams, self._path = streams, path

    def __getattr__(self, name: str) -> Any:
        return getattr(self._streams, name)

    async def append(self, stream_id: str, *, epoch: int, first_seq: int, chunks: Sequence[str]) -> None:
        await self._streams.append(stream_id, epoch=epoch, first_seq=first_seq, chunks=chunks)
        add_line(self._path, f"{stream_id} {first_seq} {len(chunks)} {digest(chunks)}")


def open_saga(url: str, folder: Path, plan: FaultPlan) -> Saga:
    """A saga that works on the database as all processes of the chaos do."""
    storage: Storage = FaultyStorage(build_storage(url), plan)
    witness: Any = Witness(storage.journal.streams, folder / "acknowledged")
    runs: Any = RunsWitness(storage.journal.runs, folder)
    storage.journal = replace(storage.journal, streams=witness, runs=runs)
    tools = marking_tools(folder / "marks")
    return Saga.open(
        storage=storage,
        model=Chatter(),
        tools=tools,
        agents=AGENTS,
        retrieval=None,
        runs=RunSettings(times=TIMES, keep_deltas="all"),
    )


async def main(url: str, folder: Path, owner: str, seed: int, threads: int, rate: float) -> None:
    random.seed(seed)
    async with open_saga(url, folder, FaultPlan(rate=rate, seed=seed)) as saga:
        actor = saga.acting_as(owner)
        project = await persistently(lambda: actor.story.projects.create(name="Chaos"))
        audience = Audience(actor, folder, f"process {os.getpid()}")
        print(os.getpid(), flush=True)  # at work
        conversations = (converse(actor, project.id, f"s{seed}t{n}", folder) for n in range(threads))
        await asyncio.gather(audience.attend(), *conversations)


async def converse(actor: Actor, project_id: str, name: str, folder: Path) -> None:
    """One thread: turn after turn, read by somebody whose line drops, sometimes stopped."""
    thread = await persistently(lambda: actor.threads.create(project_id=project_id))
    for turn in range(10**9):
        try:
            run = await actor.send(thread.id, f"{name}n{turn}")
        except (RunBusy, StorageError):  # the send before may have been stored though it was said to have failed
            await asyncio.sleep(0.2)
            continue
        if random.random() < 0.1:
            await asyncio.sleep(random.random())
            await persistently(lambda run_id=run.id: actor.stop(run_id))
        while await read(actor, run.id, run.stream_id, folder) == "waiting":
            if random.random() < 0.3:  # else another process answers
                await answer(actor, run.id)
            await asyncio.sleep(random.random() * 0.3)


async def read(actor: Actor, run_id: str, stream_id: str, folder: Path) -> RunState:
    """Follows the stream to its end or pause, dropping the line at random; every row must come once, in order."""
    seen = 0
    while True:
        patience = random.randrange(1, 10)
        try:
            async for event in actor.follow(stream_id, after=seen):
                if event.seq != seen + 1 and event.chunk.type not in ("abort", "error", "finish"):
                    add_line(folder / "complaints", f"stream {stream_id}: after row {seen} came row {event.seq}")
                seen = event.seq
                patience -= 1
                if not patience:
                    break
            state = (await (await actor.run(run_id)).state()).state
            if patience and state in (*END_STATES, "waiting"):
                return state
        except StorageError:
            await asyncio.sleep(0.05)


async def persistently(verb: Any) -> Any:
    """The verb's result, however often the storage fails before."""
    while True:
        try:
            return await verb()
        except StorageError:
            await asyncio.sleep(0.05)


def run(arguments: list[str]) -> None:
    """Works until the process is killed."""
    url, folder, owner, seed, threads, rate = arguments
    asyncio.run(main(url, Path(folder), owner, int(seed), int(threads), float(rate)))
