"""Many streams at once in one process."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import time
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.measure import Topic, after_start, console, percentile
from benchmarks.peers.bare import bare_client
from benchmarks.peers.ours import ours
from benchmarks.peers.raw_langgraph import raw_langgraph
from benchmarks.peers.task import QUESTION, Ask
from benchmarks.plots import plot_live

MODEL = "tokens=50,delay_ms=10"
BARE, RAW, OURS = "httpx2", "raw langgraph on SQLite", "ours on SQLite"


@dataclass(frozen=True, slots=True)
class Wave:
    """All streams of one client, started together."""

    times: list[tuple[float, float]]
    """Seconds to the first token and to the end, by stream."""
    cpu_seconds: float
    kib_a_stream: float

    def at(self, which: int, share: float) -> float:
        """A percentile of the first tokens (0) or the ends (1), in ms."""
        return 1000 * percentile([pair[which] for pair in self.times], share)


async def measure(url: str, folder: Path, *, quick: bool) -> Topic:
    """The topic's numbers."""
    streams, rounds = (50, 1) if quick else (200, 3)
    topic = Topic(
        f"{streams} live streams",
        f"{streams} conversations started at once in one process, 50 tokens each, one every 10 ms (490 ms at best). Of "
        f"{rounds} rounds, the clients in turn, the one with the earliest last completion counts for each. Memory is "
        "the growth of the resident set in a process of its own, after a warm-up with ten streams.",
    )
    waves: dict[str, list[Wave]] = {}
    async with AsyncExitStack() as stack:
        asks = {
            OURS: await stack.enter_async_context(ours(url, MODEL, database=f"sqlite+aiosqlite:///{folder}/live.db")),
            RAW: await stack.enter_async_context(raw_langgraph(url, MODEL, database=folder / "live-raw.db")),
            BARE: await stack.enter_async_context(bare_client(url, MODEL)),
        }
        for ask in asks.values():
            await _wave(ask, 10)
        with after_start():
            for name, ask in list(asks.items()) * rounds:
                wave = await _wave(ask, streams)
                waves.setdefault(name, []).append(wave)
                console.print(f"  {name}: first {wave.at(0, 0.5):,.0f}, end {wave.at(1, 0.99):,.0f} ms", style="dim")
    best = {name: min(each, key=lambda wave: wave.at(1, 1.0)) for name, each in waves.items()}
    _tell(topic, best, kib_a_stream=_memory(url, folder, streams))
    topic.images[f"First token and completion of {streams} streams"] = "bench-live-streams.svg"
    plot_live(folder / "bench-live-streams.svg", {"Saga Agent": best[OURS].times, "raw langgraph": best[RAW].times})
    return topic


def _tell(topic: Topic, best: dict[str, Wave], *, kib_a_stream: float) -> None:
    mine, raw = best[OURS], best[RAW]
    for which, what in ((0, "first token"), (1, "completion")):
        for share in (0.5, 0.99):
            detail = f" ({mine.at(which, share):,.0f} to {raw.at(which, share):,.0f} ms)"
            ratio = mine.at(which, share) / raw.at(which, share)
            topic.at_most(f"{what}, p{share * 100:.0f}, to raw langgraph", ratio, 0.6, unit="x", detail=detail)
    topic.at_most("memory a stream", kib_a_stream, 250, unit="KiB")
    # A stream that got nothing while the others went on would stand out far behind the median.
    topic.at_most("slowest completion, to the median one", mine.at(1, 1.0) / mine.at(1, 0.5), 2, unit="x")
    count = len(mine.times)
    cpu = ", ".join(f"{name} {1000 * wave.cpu_seconds / count:.1f}" for name, wave in best.items())
    topic.told("CPU ms a stream", cpu)
    floor = f"{best[BARE].at(0, 0.5):,.0f}, {best[BARE].at(1, 0.99):,.0f} ms"
    topic.told(f"{BARE}: first token p50, completion p99", floor)


def _memory(url: str, folder: Path, streams: int) -> float:
    """KiB a stream, in a process whose memory nothing else has stretched."""
    command = [sys.executable, "-m", "benchmarks.live_streams", url, str(folder), str(streams)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


async def _tell_memory(url: str, folder: str, streams: str) -> None:
    async with ours(url, MODEL, database=f"sqlite+aiosqlite:///{folder}/memory.db") as ask:
        await _wave(ask, 10)
        sys.stdout.write(str((await _wave(ask, int(streams))).kib_a_stream))


async def _wave(ask: Ask, streams: int) -> Wave:
    gc.collect()
    process = psutil.Process()
    before = highest = process.memory_info().rss

    async def watch() -> None:
        nonlocal highest
        while True:
            highest = max(highest, process.memory_info().rss)
            await asyncio.sleep(0.02)

    watcher = asyncio.create_task(watch())
    cpu, started = time.process_time(), time.perf_counter()
    times = await asyncio.gather(*(_stream(ask, started) for _ in range(streams)))
    cpu = time.process_time() - cpu
    watcher.cancel()
    with suppress(asyncio.CancelledError):
        await watcher
    return Wave(times, cpu, (highest - before) / 1024 / streams)


async def _stream(ask: Ask, started: float) -> tuple[float, float]:
    first = 0.0
    async for _ in ask(QUESTION):
        first = first or time.perf_counter() - started
    assert first, "a stream without a token was starved"
    return first, time.perf_counter() - started


if __name__ == "__main__":
    asyncio.run(_tell_memory(*sys.argv[1:]))
