"""Many answers at once over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from benchmarks.measure import Topic, console, percentile
from benchmarks.over_http.client import Page, Reading
from benchmarks.over_http.servers import Served, langgraph_serve, saga_serve
from benchmarks.peers.task import QUESTION
from benchmarks.plots import plot_live
from benchmarks.server import spoken

OURS: Final = "`saga serve`"
RAW: Final = "raw langgraph behind FastAPI"
PLAIN: Final = "`saga serve`, `/ai/chat`"
_MODEL: Final = "tokens={},delay_ms=10"
_number = count()


@dataclass(frozen=True, slots=True)
class Wave:
    """All answers of one server, asked for together."""

    readings: list[Reading]
    cpu_seconds: float
    """Of the server."""

    @property
    def times(self) -> list[tuple[float, float]]:
        """Seconds to the first text and to the end, by stream."""
        return [(reading.first_text, reading.end) for reading in self.readings]

    def at(self, which: int, share: float) -> float:
        """A percentile of the first texts (0) or the ends (1), in ms."""
        return 1000 * percentile([pair[which] for pair in self.times], share)


async def measure(url: str, folder: Path, *, quick: bool) -> Topic:
    """The topic's numbers."""
    streams, rounds = (50, 1) if quick else (200, 3)
    return await compare(url, folder, streams=streams, rounds=rounds)


async def compare(url: str, folder: Path, *, streams: int, rounds: int, tokens: int = 50) -> Topic:
    """The topic's numbers at that size."""
    topic = Topic(
        f"{streams} live streams over HTTP",
        f"`saga serve` on SQLite in a process of its own; {streams} writers, each with a project, send the first "
        f"message of a new chat at once; {tokens} tokens each, one every 10 ms. Compared is raw langgraph on its "
        "SQLite saver behind one FastAPI route, without users, run by the same uvicorn in a process of its own, with "
        f"one tool and a prompt of a line: the same client, in turn; of {rounds} rounds the one with the earliest last "
        "completion counts for each. Every answer is checked to be whole. `/ai/saga` has all tools of the draft agent "
        "and the search of the manuscript, `/ai/chat` has none. Times are those of the client from before it connects; "
        "CPU is the server's.",
    )
    model = _MODEL.format(tokens)
    text = "".join(spoken(tokens))
    waves: dict[str, list[Wave]] = {}
    with saga_serve(folder, f"openai:{model}@{url}") as ours, langgraph_serve(folder, url, model) as raw:
        servers = {OURS: (ours, "/ai/saga"), RAW: (raw, "/ai/saga"), PLAIN: (ours, "/ai/chat")}
        for served, path in servers.values():
            await _wave(served, path, streams, text)  # makes the projects, too
        for _ in range(rounds):
            for name, (served, path) in servers.items():
                wave = await _wave(served, path, streams, text)
                waves.setdefault(name, []).append(wave)
                console.print(f"  {name}: first {wave.at(0, 0.5):,.0f}, end {wave.at(1, 0.99):,.0f} ms", style="dim")
    best = {name: min(each, key=lambda wave: wave.at(1, 1.0)) for name, each in waves.items()}
    _tell(topic, best, streams)
    topic.images[f"First text and completion of {streams} streams over HTTP"] = "bench-http-streams.svg"
    plot_live(folder / "bench-http-streams.svg", {"Saga Agent": best[OURS].times, "raw langgraph": best[RAW].times})
    return topic


def _tell(topic: Topic, best: Mapping[str, Wave], streams: int) -> None:
    mine, raw, plain = best[OURS], best[RAW], best[PLAIN]
    for which, what in ((0, "first text"), (1, "completion")):
        for share in (0.5, 0.99):
            detail = f" ({mine.at(which, share):,.0f} to {raw.at(which, share):,.0f} ms)"
            ratio = mine.at(which, share) / raw.at(which, share)
            topic.at_most(f"{what}, p{share * 100:.0f}, to raw langgraph", ratio, 0.6, unit="x", detail=detail)
    topic.at_most("slowest completion, to the median one", mine.at(1, 1.0) / mine.at(1, 0.5), 2, unit="x")
    told = ", ".join(f"{name} {1000 * wave.cpu_seconds / streams:.1f}" for name, wave in best.items())
    topic.told("CPU ms of the server a stream", told)
    ratios = [plain.at(which, share) / raw.at(which, share) for which in (0, 1) for share in (0.5, 0.99)]
    told = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    topic.told("`/ai/chat` to raw langgraph: first text p50, p99, completion p50, p99", f"{told} x")
    events = [percentile([float(len(reading.kinds)) for reading in wave.readings], 0.5) for wave in (mine, raw)]
    topic.told("events a stream, p50: ours, raw langgraph", f"{events[0]:.0f}, {events[1]:.0f}")


async def _wave(served: Served, path: str, streams: int, text: str) -> Wave:
    async def read(writer: int) -> Reading:
        number = next(_number)
        page = Page(served.url, f"writer-{writer}", path)
        return await (await page.ask(f"chat-{number}", f"message-{number}", QUESTION)).whole(text)

    cpu = served.cpu_seconds
    readings = await asyncio.gather(*(read(writer) for writer in range(streams)))
    return Wave(readings, served.cpu_seconds - cpu)
