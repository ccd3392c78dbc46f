"""Streaming 5,000 tokens: CPU per 1,000 tokens; and how many appends a minute of answer takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from benchmarks.measure import Topic, console, cpu_in_turns
from benchmarks.peers.agents_sdk import agents_sdk
from benchmarks.peers.bare import bare_client
from benchmarks.peers.ours import open_saga, ours
from benchmarks.peers.raw_langgraph import raw_langgraph
from benchmarks.peers.task import QUESTION, Ask

FULL_SPEED, PACED = "full speed", "paced"
BARE, AGENTS, RAW, MEMORY, SQLITE = "httpx2", "openai-agents", "raw langgraph", "ours in memory", "ours on SQLite"


async def measure(url: str, folder: Path, *, quick: bool) -> Topic:
    """The topic's numbers."""
    tokens, rounds = (1_000, 2) if quick else (5_000, 5)
    topic = Topic(
        "Streaming",
        f"{tokens:,} tokens; median of {rounds} rounds, the clients in turn. At full speed all tokens are sent at "
        "once, and ours takes what has arrived in one go; paced, a token comes every 2 ms: "
        "none of that helps, and waking up for each token is much of everybody's cost. The budgets on tokens are for "
        "full speed, as the peers were measured.",
    )
    for name, model, count in (
        (FULL_SPEED, f"tokens={tokens}", tokens),
        (PACED, f"tokens={tokens // 2},delay_ms=2", tokens // 2),
    ):
        console.print(f" {name}")
        cpu = await _compare(url, model, folder / f"{name[:4]}.db", rounds=rounds if name == FULL_SPEED else 3)
        _tell(topic, name, {each: 1000 * 1000 * seconds / count for each, seconds in cpu.items()})
    seconds = 6 if quick else 60
    topic.at_most(
        f"appends for 60 s at 50 tokens/s ({seconds} s measured)",
        await _appends(url, folder / "appends.db", seconds=seconds) * 60 / seconds,
        660,
    )
    return topic


async def _compare(url: str, model: str, database: Path, *, rounds: int) -> dict[str, float]:
    async with AsyncExitStack() as stack:
        asks = {
            BARE: await stack.enter_async_context(bare_client(url, model)),
            AGENTS: await stack.enter_async_context(agents_sdk(url, model)),
            RAW: await stack.enter_async_context(raw_langgraph(url, model)),
            MEMORY: await stack.enter_async_context(ours(url, model)),
            SQLITE: await stack.enter_async_context(ours(url, model, database=f"sqlite+aiosqlite:///{database}")),
        }
        works: Mapping[str, Callable[[], Awaitable[object]]] = {name: _reader(ask) for name, ask in asks.items()}
        return await cpu_in_turns(works, rounds=rounds)


def _reader(ask: Ask) -> Callable[[], Awaitable[object]]:
    async def read() -> None:
        async for _ in ask(QUESTION):
            pass

    return read


def _tell(topic: Topic, name: str, cost: Mapping[str, float]) -> None:
    told = ", ".join(f"{each} {ms:.0f}" for each, ms in cost.items())
    topic.told(f"{name}: CPU ms per 1,000 tokens", told)
    to_agents, to_raw = cost[MEMORY] / cost[AGENTS], cost[MEMORY] / cost[RAW]
    if name == PACED:
        topic.told(f"{name}: in memory, to openai-agents, raw langgraph", f"{to_agents:.2f} x, {to_raw:.2f} x")
        over = {each: ms - cost[BARE] for each, ms in cost.items()}
        ratios = f"{over[MEMORY] / over[AGENTS]:.2f} x, {over[MEMORY] / over[RAW]:.2f} x"
        topic.told(f"{name}: the same over the bare client", ratios)
    else:
        topic.at_most(f"{name}: in memory, to openai-agents", to_agents, 0.5, unit="x")
        topic.at_most(f"{name}: in memory, to raw langgraph without saver", to_raw, 0.35, unit="x")
    topic.at_most(f"{name}: persistence (SQLite) adds", 100 * (cost[SQLITE] / cost[MEMORY] - 1), 20, unit="%")
    topic.told(f"{name}: in memory, to the bare client", f"{cost[MEMORY] / cost[BARE]:.2f} x")


async def _appends(url: str, database: Path, *, seconds: int) -> int:
    """How often the log was appended to in an answer of that length at 50 tokens a second."""
    console.print(f" {seconds} seconds of answer at 50 tokens/s")
    model = f"openai:tokens={50 * seconds},delay_ms=20@{url}"
    async with open_saga(f"sqlite+aiosqlite:///{database}", model) as saga:
        count = 0
        streams: Any = saga.storage.journal.streams
        append = streams.append

        async def counted(*args: object, **kwargs: object) -> object:
            nonlocal count
            count += 1
            return await append(*args, **kwargs)

        streams.append = counted
        project = await saga.story.projects.create(name="The Old Light")
        thread = await saga.threads.create(project_id=project.id)
        await (await saga.send(thread.id, QUESTION)).result()
        return count
