"""Replaying a long stream from SQLite."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import Topic
from benchmarks.peers.ours import open_saga
from benchmarks.peers.task import QUESTION
from saga_agent import Saga
from saga_agent.domain import chunks as c
from saga_agent.domain.chunks import TextDelta
from saga_agent.domain.journal import Message, NewTurn, Run, Stream
from saga_agent.ids import new_id
from saga_agent.runs.handle import RunHandle

DELTA = "five words of an answer "


async def measure(url: str, folder: Path, *, quick: bool) -> Topic:
    """The topic's numbers."""
    rows, rounds = (2_000, 3) if quick else (10_000, 9)
    topic = Topic(
        f"Replay of {rows:,} deltas",
        f"`saga.follow(stream, after=0)` on an ended answer of {rows:,} rows, SQLite; the best of {rounds} rounds, as "
        "whatever else the machine does only adds to wall time. The floor reads the same rows with Python's sqlite3.",
    )
    database = folder / "replay.db"
    async with open_saga(f"sqlite+aiosqlite:///{database}", f"openai:tokens=5@{url}") as saga:
        run = await saga.run((await long_answer(saga, rows)).id)
        times = [await _replay(saga, run) for _ in range(rounds)]
    first, total, cpu = (min(each) for each in zip(*times, strict=True))
    floor = min(_floor(database, run.stream_id) for _ in range(rounds))
    scale = rows / 10_000
    usual_first, usual_total = (1000 * median(time[which] for time in times) for which in (0, 1))
    topic.at_most("first chunk", 1000 * first, 50, unit="ms", detail=f" (median {usual_first:.1f})")
    topic.at_most("all", 1000 * total, 500 * scale, unit="ms", detail=f" (median {usual_total:.0f})")
    topic.told("CPU of it", f"{1000 * cpu:.0f} ms")
    topic.told("to reading the rows with sqlite3", f"{total / floor:.1f} x ({1000 * floor:.0f} ms)")
    return topic


async def long_answer(
    saga: Saga, rows: int, *, owner_id: str = "local", chat_id: str | None = None, ends: bool = True
) -> Run:
    """A run with that many rows in its log, which has ended or goes on; written by the journal's own verbs."""
    actor, journal = saga.acting_as(owner_id), saga.storage.journal
    project = await actor.story.projects.create(name="The Old Light")
    thread = await actor.threads.create(project_id=project.id, chat_id=chat_id)
    run = Run(
        id=new_id("run"),
        thread_id=thread.id,
        project_id=project.id,
        owner_id=owner_id,
        user_message_id=new_id("msg"),
        message_id=new_id("msg"),
        stream_id=new_id("str"),
        agent="draft",
        created_at=time.time(),
    )
    place: dict[str, Any] = {"thread_id": thread.id, "created_at": run.created_at}
    user = Message(id=run.user_message_id, role="user", parts=({"type": "text", "text": QUESTION},), **place)
    assistant = Message(id=run.message_id, role="assistant", state="queued", run_id=run.id, **place)
    stream = Stream(id=run.stream_id, thread_id=thread.id, run_id=run.id, message_id=run.message_id)
    await journal.runs.start(NewTurn(run=run, user=user, assistant=assistant, stream=stream), now=run.created_at)
    run = await journal.runs.take(run.id, runner="benchmark", lease_until=time.time() + 3600, now=time.time())
    chunks = [TextDelta(id="text-0-1", delta=DELTA).to_json()] * (rows - 3 - ends)
    start = [c.Start(message_id=run.message_id), c.StartStep(), c.TextStart(id="text-0-1")]
    chunks = [*(each.to_json() for each in start), *chunks, *([c.Finish().to_json()] if ends else [])]
    for first in range(0, rows, 500):
        some = chunks[first : first + 500]
        await journal.streams.append(run.stream_id, epoch=run.epoch, first_seq=first + 1, chunks=some)
    if ends:
        await journal.runs.finish(
            run.id, epoch=run.epoch, state="finished", reason="", parts=(), metadata={}, usage=(), now=time.time()
        )
    return run


async def _replay(saga: Saga, run: RunHandle) -> tuple[float, float, float]:
    """Seconds to the first chunk and to the last, and CPU seconds."""
    started, cpu = time.perf_counter(), time.process_time()
    first = 0.0
    async for _ in saga.follow(run.stream_id):
        first = first or time.perf_counter() - started
    return first, time.perf_counter() - started, time.process_time() - cpu


def _floor(database: Path, stream_id: str) -> float:
    connection = sqlite3.connect(database)
    started = time.perf_counter()
    key = connection.execute("SELECT key FROM saga_streams WHERE id = ?", (stream_id,)).fetchone()
    connection.execute("SELECT seq, epoch, chunk FROM saga_deltas WHERE stream_key = ? ORDER BY seq", key).fetchall()
    seconds = time.perf_counter() - started
    connection.close()
    return seconds
