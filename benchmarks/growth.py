"""How a thread of many turns grows: bytes on disk, and CPU per turn."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.tools import tool
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from pydantic import PrivateAttr

from benchmarks.measure import Topic, console
from benchmarks.peers.ours import one_tool
from benchmarks.peers.raw_langgraph import build_graph
from benchmarks.peers.task import FOUND, PROMPT, look_up
from benchmarks.plots import plot_growth
from benchmarks.story import Author
from saga_agent import Agent, Saga
from saga_agent.models.streamed import StreamedChatModel, call_chunks, last_chunk, new_call_id, text_chunk
from saga_agent.streams.writer import StreamWriter

_WORDS_A_FLUSH = 5
"""What arrives within one flush interval of 100 ms at 50 tokens a second."""
_FLUSH_SECONDS = 0.002
_MAX_BYTES = 4 * 2**30
"""Where raw langgraph is stopped, so that nobody's disk runs full."""


class Novelist(StreamedChatModel):
    """Calls `look_up`, then answers in 300 words; pauses after every flush interval's worth if it is paced."""

    paced: bool = True
    _author: Author = PrivateAttr(default_factory=lambda: Author(seed=7))
    written: int = 0
    """UTF-8 bytes of all answers and arguments so far."""

    @property
    def _llm_type(self) -> str:
        return "benchmark"

    async def _astream(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        if not kwargs.get("tools"):  # minutes of what the turn no longer sees
            yield text_chunk(self._author.text(150))
            yield last_chunk("stop", messages=[], answer="")
            return
        if messages[-1].type != "tool":
            raw = json.dumps({"query": " ".join(self._author.words(8))})
            self.written += len(raw.encode())
            for chunk in call_chunks("look_up", raw, call_id=new_call_id(), index=0, piece_chars=12):
                yield chunk
            yield last_chunk("tool_calls", messages=[], answer=raw)
            return
        answer = self._author.text(300)
        self.written += len(answer.encode())
        words = answer.split(" ")
        for start in range(0, len(words), _WORDS_A_FLUSH):
            for word in words[start : start + _WORDS_A_FLUSH]:
                yield text_chunk(word if word is words[-1] else word + " ")
            if self.paced:
                await asyncio.sleep(1.5 * _FLUSH_SECONDS)
        yield last_chunk("stop", messages=[], answer=answer)


@dataclass(slots=True)
class Growth:
    """One line of the plot; entry n is after turn n."""

    content: list[int] = field(default_factory=lambda: [0])
    stored: dict[int, int] = field(default_factory=dict[int, int])
    cpu: list[float] = field(default_factory=list[float])

    def cpu_at(self, turn: int, *, around: int) -> float:
        """Mean CPU seconds of the turns around that one."""
        some = self.cpu[max(0, turn - around) : turn + around]
        return sum(some) / len(some)


async def measure(url: str, folder: Path, *, quick: bool) -> Topic:
    """The topic's numbers."""
    turns = 200 if quick else 1_000
    topic = Topic(
        f"A thread of {turns:,} turns",
        "A question of 200 words, one tool call, an answer of 300 words, in the process, on SQLite. Stored: the file "
        "after a checkpoint of its log, with indexes, free pages and prompt manifests. Content: questions, arguments, "
        "tool results and answers in UTF-8. The model pauses so that the log gets a row for every five words, as it "
        "does at 50 tokens a second, but 50 times as fast. Raw langgraph keeps all messages in its state, as its "
        "documentation does.",
    )
    ours = await _grow_ours(folder / "ours.db", turns)
    fast = await _grow_ours(folder / "fast.db", turns // 5, paced=False)
    raw = await _grow_raw(folder / "raw.db", turns, limit_seconds=20 if quick else 180)
    _tell(topic, ours, turns, quick=quick)
    count, last = max(fast.stored), max(raw.stored)
    at_once = (
        f"{fast.stored[count] / fast.content[count]:.2f} x ({ours.stored[count] / ours.content[count]:.2f} x paced)"
    )
    topic.told(f"stored at turn {count}, to content, where the model answers at once", at_once)
    stopped = "" if last == turns else ", where its time or 4 GiB were up"
    grown = f"{raw.stored[last] / raw.content[last]:,.0f} x ({raw.stored[last] / 2**20:,.0f} MiB)"
    topic.told(f"raw langgraph at turn {last}{stopped}: stored, to content", grown)
    topic.told(
        f"raw langgraph's bytes at turn {last}, to ours", f"{raw.stored[last] / _near(ours.stored, last):,.0f} x"
    )
    ratio = ours.cpu_at(last - 10, around=10) / raw.cpu_at(last - 10, around=10)
    topic.told(f"ours around turn {last - 10}, to raw langgraph: CPU", f"{ratio:.2f} x")
    topic.notes.append(f"Of ours: {_shares(folder / 'ours.db', ours.content[-1])}.")
    topic.images["Stored bytes and CPU per turn over the turns of one thread"] = "bench-growth.svg"
    plot_growth(folder / "bench-growth.svg", {"Saga Agent": ours, "raw langgraph": raw})
    return topic


def _tell(topic: Topic, ours: Growth, turns: int, *, quick: bool) -> None:
    tenth = turns // 10
    detail = f" ({ours.stored[turns] / 2**20:.1f} of {ours.content[turns] / 2**20:.1f} MiB)"
    topic.at_most("stored, to content", ours.stored[turns] / ours.content[turns], 3, unit="x", detail=detail)
    first = ours.stored[tenth] - ours.stored[0]
    late = ours.stored[turns] - ours.stored[turns - tenth]
    what = f"bytes of turns {turns - tenth}-{turns}, to turns 1-{tenth}"
    topic.at_most(what, late / first, 1.2, unit="x", detail=f" ({late / tenth / 1024:.1f} KiB a turn)")
    around = 10 if quick else 25
    early, end = ours.cpu_at(50, around=around), ours.cpu_at(turns - around, around=around)
    what = f"CPU of a turn at {turns:,}, to one at 50"
    topic.at_most(what, end / early, 1.5, unit="x", detail=f" ({1000 * end:.0f} ms)")


async def _grow_ours(database: Path, turns: int, *, paced: bool = True) -> Growth:
    console.print(f" ours, {turns} turns{'' if paced else ', unpaced'}")
    defaults: Any = StreamWriter.__init__.__kwdefaults__
    flush_seconds = defaults["flush_seconds"]
    defaults["flush_seconds"] = _FLUSH_SECONDS
    model = Novelist(paced=paced)
    agent = Agent(name="draft", description="Answers.", prompt=PROMPT, tools=("look_up",))
    try:
        async with Saga.open(
            database=f"sqlite+aiosqlite:///{database}", model=model, tools=one_tool(), agents=[agent]
        ) as saga:
            project = await saga.story.projects.create(name="The Old Light")
            thread = await saga.threads.create(project_id=project.id)

            async def turn(question: str) -> None:
                async for _ in (await saga.send(thread.id, question)).chunks():
                    pass

            return await _grow(turn, model, database, turns)
    finally:
        defaults["flush_seconds"] = flush_seconds


async def _grow_raw(database: Path, turns: int, *, limit_seconds: float) -> Growth:
    console.print(f" raw langgraph, up to {limit_seconds:.0f} s")
    model = Novelist(paced=False)
    async with AsyncSqliteSaver.from_conn_string(str(database)) as saver:
        await saver.setup()
        graph = build_graph(model, tool(look_up), saver)

        async def turn(question: str) -> None:
            state: Any = {"messages": [HumanMessage(question)]}
            await graph.ainvoke(state, {"configurable": {"thread_id": "one"}})

        return await _grow(turn, model, database, turns, limit_seconds=limit_seconds)


async def _grow(
    turn: Callable[[str], Awaitable[None]],
    model: Novelist,
    database: Path,
    turns: int,
    *,
    limit_seconds: float = float("inf"),
) -> Growth:
    author, growth, started = Author(seed=3), Growth(), time.monotonic()
    growth.stored[0] = stored_bytes(database)
    for number in range(1, turns + 1):
        question = author.text(200)
        cpu = time.process_time()
        await turn(question)
        growth.cpu.append(time.process_time() - cpu)
        growth.content.append(growth.content[-1] + len(question.encode()) + len(FOUND.encode()) + model.written)
        model.written = 0
        late = time.monotonic() - started > limit_seconds
        if number % 20 == 0 or late:
            growth.stored[number] = size = stored_bytes(database)
            late = late or size > _MAX_BYTES
        if number % 100 == 0 or late:
            console.print(f"  turn {number}: {growth.stored[number] / 2**20:.1f} MiB", style="dim")
        if late:
            break
    return growth


def stored_bytes(database: Path) -> int:
    """The size of the file with its log folded back in."""
    connection = sqlite3.connect(database, timeout=30)
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.close()
    wal = database.with_name(database.name + "-wal")
    return database.stat().st_size + (wal.stat().st_size if wal.exists() else 0)


def _shares(database: Path, content: int) -> str:
    """What the largest tables take, as multiples of the content; indexes count with their tables."""
    query = (
        "SELECT tbl_name, sum(pgsize), sum(unused) FROM dbstat JOIN sqlite_master USING (name)"
        " GROUP BY tbl_name ORDER BY 2 DESC LIMIT 4"
    )
    connection = sqlite3.connect(database)
    try:
        rows = connection.execute(query).fetchall()
    except sqlite3.OperationalError:
        return "this SQLite does not tell what its tables take"
    finally:
        connection.close()
    return ", ".join(
        f"`{name}` {size / content:.2f} x ({100 * unused / size:.0f} % free)" for name, size, unused in rows
    )


def _near(stored: dict[int, int], turn: int) -> int:
    return stored[min(stored, key=lambda each: abs(each - turn))]
