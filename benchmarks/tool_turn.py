"""A turn with one tool call: what it costs over the bare client."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

from benchmarks.floor import commit_ms
from benchmarks.measure import Topic, cpu_in_turns
from benchmarks.peers.agents_sdk import agents_sdk
from benchmarks.peers.bare import bare_client
from benchmarks.peers.engine import engine_alone
from benchmarks.peers.ours import open_saga, ours
from benchmarks.peers.raw_langgraph import raw_langgraph
from benchmarks.peers.task import QUESTION, Ask
from saga_agent.storage.sql.adapter import SqlStorage

MODEL = "tokens=50,tool=1"
BARE, AGENTS, RAW, RAW_SAVED = "httpx2", "openai-agents", "raw langgraph", "raw langgraph on SQLite"
ENGINE, MEMORY, SQLITE = "our graph alone", "ours in memory", "ours on SQLite"


async def measure(url: str, folder: Path, *, quick: bool) -> Topic:
    """The topic's numbers."""
    turns, rounds = (10, 3) if quick else (40, 7)
    topic = Topic(
        "A turn with one tool call",
        f"Question, call of a tool, its result, an answer of 50 tokens; {turns} turns a round, each in a thread of its "
        f"own, median of {rounds} rounds, the clients in turn. *Our graph alone* is the same graph and model without "
        "journal, delta log, gate and checkpoints.",
    )
    url_of = f"sqlite+aiosqlite:///{folder}/ours.db"
    async with AsyncExitStack() as stack:
        peers = {
            BARE: bare_client(url, MODEL),
            AGENTS: agents_sdk(url, MODEL),
            RAW: raw_langgraph(url, MODEL),
            RAW_SAVED: raw_langgraph(url, MODEL, database=folder / "raw.db"),
            ENGINE: engine_alone(url, MODEL),
            MEMORY: ours(url, MODEL),
            SQLITE: ours(url, MODEL, database=url_of),
        }
        works = {name: _turns(await stack.enter_async_context(peer), turns) for name, peer in peers.items()}
        cpu = await cpu_in_turns(works, rounds=rounds)
    commits = await _commits(url, f"sqlite+aiosqlite:///{folder}/commits.db")
    floor = commit_ms(folder / "floor.db")
    cost = {name: 1000 * seconds / turns for name, seconds in cpu.items()}
    over = {name: each - cost[BARE] for name, each in cost.items()}
    topic.told("CPU ms a turn", ", ".join(f"{name} {ms:.1f}" for name, ms in cost.items()))
    topic.at_most("our graph alone, to raw langgraph without saver", over[ENGINE] / over[RAW], 1.1, unit="x")
    added = 100 * (over[SQLITE] / over[ENGINE] - 1)
    topic.at_most("journal, log, gate and checkpoints on SQLite add", added, 40, unit="%")
    topic.told("ours in memory, to raw langgraph without saver", f"{over[MEMORY] / over[RAW]:.2f} x")
    topic.told("ours on SQLite, to raw langgraph without saver", f"{over[SQLITE] / over[RAW]:.2f} x")
    topic.told("ours on SQLite, to raw langgraph on its saver", f"{over[SQLITE] / over[RAW_SAVED]:.2f} x")
    topic.told("ours on SQLite, to openai-agents, which stores nothing", f"{over[SQLITE] / over[AGENTS]:.2f} x")
    topic.told("commits a turn; their CPU with sqlite3 alone", f"{commits}; {commits * floor:.1f} ms")
    topic.notes.append("All ratios are of the CPU over the bare client's.")
    return topic


async def _commits(url: str, database: str) -> int:
    """How many transactions one turn of ours commits, its thread included."""
    async with open_saga(database, f"openai:{MODEL}@{url}") as saga:
        assert isinstance(saga.storage, SqlStorage)
        project = await saga.story.projects.create(name="The Old Light")
        before = saga.storage.database.commits
        thread = await saga.threads.create(project_id=project.id)
        await (await saga.send(thread.id, QUESTION)).result()
        return saga.storage.database.commits - before


def _turns(ask: Ask, count: int) -> Callable[[], Awaitable[object]]:
    async def turns() -> None:
        for _ in range(count):
            words = [piece async for piece in ask(QUESTION)]
            assert words, "a turn without an answer is none"

    return turns
