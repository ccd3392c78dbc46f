"""Taking up running answers over HTTP, many at once."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.measure import Topic, console, percentile
from benchmarks.over_http.client import BadAnswer, Page, Reading
from benchmarks.over_http.servers import Served, database_in, saga_serve
from benchmarks.peers.ours import open_saga
from benchmarks.peers.task import QUESTION
from benchmarks.replay import DELTA, long_answer
from benchmarks.server import spoken

_USUAL_SECONDS: Final = 0.5
_LONG_OWNER: Final = "long-writer"
_LONG_CHAT: Final = "long-chat"


@dataclass(frozen=True, slots=True)
class Resumed:
    """Readers who came late, together."""

    readings: list[Reading]
    cpu_seconds: float
    """Of the server until all had caught up, less what the running answers took of it before."""
    characters: int
    """Of an answer when they came."""

    def at(self, which: str, share: float) -> float:
        """A percentile, in ms, of `first_event` or `caught_up`."""
        return 1000 * percentile([getattr(reading, which) for reading in self.readings], share)


async def measure(url: str, folder: Path, *, quick: bool) -> Topic:
    """The topic's numbers."""
    readers, tokens = (10, 200) if quick else (50, 400)
    rounds, rows = (1, 2_000) if quick else (3, 10_000)
    return await compare(url, folder, readers=readers, tokens=tokens, rounds=rounds, long_rows=rows)


async def compare(
    url: str, folder: Path, *, readers: int, tokens: int, rounds: int, long_rows: int, delay_ms: int = 40
) -> Topic:
    """The topic's numbers at that size; one answer more, which another process writes, has `long_rows` rows."""
    seconds = tokens * delay_ms / 2000
    topic = Topic(
        f"{readers} resumes over HTTP",
        f"While answers of {tokens:,} tokens, one every {delay_ms} ms, are half written ({seconds:.0f} s, ten rows of "
        f"the log a second): one `GET /ai/saga/CHAT/stream`; {readers} at once on the same answer; {readers} at once "
        f"on {readers} answers that are all running. The best of {rounds} rounds. A reader has caught up when it has "
        "all text that the reader who asked has at that moment; every reader of both kinds is checked to get the whole "
        "message from its `start`. Budgets follow the row of the replay: one reader has its first chunk within 50 ms; "
        f"{readers} readers of that many rows together replay no more than 10,000 deltas, so all have caught up within "
        f"500 ms, and so has one reader of an answer of {long_rows:,} rows that another process writes. One owner may "
        "follow a thousand answers here (`--max-streams`).",
    )
    text = "".join(spoken(tokens))
    found: dict[str, list[Resumed]] = {}
    model = f"openai:tokens={tokens},delay_ms={delay_ms}@{url}"
    async with open_saga(database_in(folder), model) as saga:
        await long_answer(saga, long_rows, owner_id=_LONG_OWNER, chat_id=_LONG_CHAT, ends=False)
    with saga_serve(folder, model, max_streams=1_000) as served:
        for number in range(rounds):
            for name, answers, late in (("one", 1, 1), ("same", 1, readers), ("each", readers, readers)):
                resumed = await _resume(served, f"{name}-{number}", text, answers=answers, readers=late)
                found.setdefault(name, []).append(resumed)
                told = f"first {resumed.at('first_event', 1.0):,.0f}, caught up {resumed.at('caught_up', 1.0):,.0f} ms"
                console.print(f"  {late} on {answers}: {told} at the latest", style="dim")
        long = [await _replay_long(served, long_rows) for _ in range(3 * rounds)]
    best = {name: min(each, key=lambda resumed: resumed.at("caught_up", 1.0)) for name, each in found.items()}
    topic.at_most("one reader: first chunk", best["one"].at("first_event", 1.0), 50, unit="ms")
    topic.told("one reader: caught up", f"{best['one'].at('caught_up', 1.0):.0f} ms")
    first, last = (1000 * min(each) for each in zip(*long, strict=True))
    topic.told(f"one reader of {long_rows:,} rows: first chunk, with all rewinds known", f"{first:.0f} ms")
    topic.at_most(f"one reader of {long_rows:,} rows: caught up", last, 500, unit="ms")
    for name, what in (("same", f"{readers} on one answer"), ("each", f"{readers} on {readers} answers")):
        _tell(topic, what, best[name])
    return topic


def _tell(topic: Topic, what: str, resumed: Resumed) -> None:
    first, last = (resumed.at("first_event", share) for share in (0.5, 0.99))
    topic.told(f"{what}: first chunk, p50, p99", f"{first:.0f}, {last:.0f} ms")
    detail = f" (p50 {resumed.at('caught_up', 0.5):.0f} ms)"
    topic.at_most(f"{what}: caught up, the last of all", resumed.at("caught_up", 1.0), 500, unit="ms", detail=detail)
    readers = len(resumed.readings)
    topic.told(
        f"{what}: CPU ms a reader costs the server until all have caught up",
        f"{1000 * resumed.cpu_seconds / readers:.1f} (each replays {resumed.characters:,} characters)",
    )


async def _resume(served: Served, name: str, text: str, *, answers: int, readers: int) -> Resumed:
    pages = [Page(served.url, f"writer-{number}") for number in range(answers)]
    live = await asyncio.gather(*(page.ask(name, f"{page.owner}-{name}", QUESTION) for page in pages))
    half = len(text) // 2
    await asyncio.gather(*(reading.reached(half) for reading in live))
    usual = await _cpu_a_second(served)
    cpu, begun = served.cpu_seconds, time.perf_counter()
    late = await asyncio.gather(
        *(pages[number % answers].resume(name, beside=live[number % answers]) for number in range(readers))
    )
    await asyncio.gather(*(reading.level() for reading in late))
    cpu = served.cpu_seconds - cpu - usual * (time.perf_counter() - begun)
    await asyncio.gather(*(reading.whole(text) for reading in [*live, *late]))
    return Resumed(late, max(0.0, cpu), half)


async def _replay_long(served: Served, rows: int) -> tuple[float, float]:
    """Seconds to the first chunk and until the reader has all that is written."""
    begun = time.perf_counter()
    reading = await Page(served.url, _LONG_OWNER).resume(_LONG_CHAT)
    await reading.reached((rows - 3) * len(DELTA))
    caught_up = time.perf_counter() - begun
    if reading.text != DELTA * (rows - 3):
        raise BadAnswer(f"it has {reading.characters:,} characters, not the {(rows - 3) * len(DELTA):,} of its log")
    await reading.drop()
    return reading.first_event, caught_up


async def _cpu_a_second(served: Served) -> float:
    """What the server takes for the answers under way."""
    cpu, begun = served.cpu_seconds, time.perf_counter()
    await asyncio.sleep(_USUAL_SECONDS)
    return (served.cpu_seconds - cpu) / (time.perf_counter() - begun)
