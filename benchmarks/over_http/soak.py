"""Minutes of turns over HTTP, and whether the server's memory stays flat."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.measure import Topic, console
from benchmarks.over_http.client import DONE, BadAnswer, Page, Reading
from benchmarks.over_http.servers import Served, saga_serve
from benchmarks.peers.task import QUESTION
from benchmarks.plots import plot_soak
from benchmarks.server import spoken
from benchmarks.story import Author

_TOKENS: Final = 40
_KINDS: Final = {"read": 50, "drop": 20, "watch": 15, "stop": 15}
"""How a turn goes, in percent."""
_CHATS_OF_A_WRITER: Final = 20
_GROWTH_PERCENT: Final = 5.0
_SAMPLE_SECONDS: Final = 0.5
_WORDS_A_MEGABYTE: Final = 150_000
_READS: Final = 6
"""Of each document, so that every connection of the pool has had most of them."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The server at one moment."""

    seconds: float
    turns: int
    resident_mib: float
    open_files: int
    threads: int


@dataclass(slots=True)
class Tally:
    """What the writers did, and what went wrong."""

    warm_up_turns: int
    warm: asyncio.Event = field(default_factory=asyncio.Event)
    turns: int = 0
    done: Counter[str] = field(default_factory=Counter[str])
    errors: list[str] = field(default_factory=list[str])

    def count(self, kind: str) -> None:
        """Another turn of that kind is over."""
        self.turns += 1
        self.done[kind] += 1
        if self.turns >= self.warm_up_turns:
            self.warm.set()


async def measure(url: str, folder: Path, *, quick: bool, minutes: float | None = None) -> Topic:
    """The topic's numbers."""
    return await soak(url, folder, seconds=60 * (minutes or (0.5 if quick else 3)))


async def soak(
    url: str, folder: Path, *, seconds: float, writers: int = 8, warm_up_turns: int = 200, documents: int = 24
) -> Topic:
    """The topic's numbers at that length."""
    topic = Topic(
        f"{seconds / 60:.3g} minutes of turns over HTTP",
        f"`saga serve` on SQLite; {writers} writers at a time, each with up to {_CHATS_OF_A_WRITER} chats before the "
        f"next one comes, send messages one after another, a third of them in new chats; answers of {_TOKENS} tokens, "
        "one every 5 ms. Half of the answers are read to the end; the others are dropped in the middle and taken up "
        f"again, watched by a second reader, or stopped. Before, {documents} documents of a megabyte are written and "
        "read: they fill SQLite's page caches, 16 MB of each connection, which would look like growth for many "
        f"minutes. Sampled from turn {warm_up_turns} on. Flat is a mean of the last third at most "
        f"{_GROWTH_PERCENT:.0f} % over that of the first: the allocator alone moves by some MiB, while what a live "
        "stream takes (200 KiB), kept from one turn in twenty, would be over it.",
    )
    tally, samples, text = Tally(warm_up_turns), list[Sample](), "".join(spoken(_TOKENS))
    with saga_serve(folder, f"openai:tokens={_TOKENS},delay_ms=5@{url}") as served:
        console.print(f" filling the page caches ({served.resident_mib:.1f} MiB)")
        await _fill_caches(served, documents)
        over = asyncio.Event()
        work = [asyncio.create_task(_write(served, seat, text, tally, over)) for seat in range(writers)]
        warm = asyncio.create_task(tally.warm.wait())
        await asyncio.wait({warm, *work}, return_when=asyncio.FIRST_COMPLETED)
        await _sample(served, tally, samples, seconds=seconds)
        over.set()
        await asyncio.gather(*work)
        after = served.process.num_fds()
    _tell(topic, tally, samples, after)
    topic.images["Resident memory and open files of the server over the turns"] = "bench-http-soak.svg"
    plot_soak(folder / "bench-http-soak.svg", samples)
    return topic


def _tell(topic: Topic, tally: Tally, samples: list[Sample], files_after: int) -> None:
    first, last = _third(samples, 0), _third(samples, 2)
    before, after = (_mean([each.resident_mib for each in third]) for third in (first, last))
    detail = f" ({before:.1f} to {after:.1f} MiB)"
    topic.at_most(
        "resident memory, last third over first", 100 * (after / before - 1), _GROWTH_PERCENT, unit="%", detail=detail
    )
    turns = _mean([each.turns for each in last]) - _mean([each.turns for each in first])
    topic.told("the same a turn", f"{1024 * (after - before) / max(1, turns):.2f} KiB (over {turns:,.0f} turns)")
    topic.at_most("answers that were not as they must be, and refused requests", len(tally.errors), 0)
    files = [max(each.open_files for each in third) for third in (first, last)]
    told = f"{files[0]}, {files[1]}; {files_after} when all readers had gone"
    topic.told("open files at most, first third, last third", told)
    threads = [max(each.threads for each in third) for third in (first, last)]
    topic.told("threads at most, first third, last third", f"{threads[0]}, {threads[1]}")
    seconds = samples[-1].seconds - samples[0].seconds
    done = ", ".join(f"{name} {count:,}" for name, count in sorted(tally.done.items()))
    rate = (samples[-1].turns - samples[0].turns) / max(seconds, 0.001)
    topic.told("turns", f"{tally.turns:,} ({done}), {rate:.0f} a second")
    topic.notes += [f"Error: {error}." for error in tally.errors[:5]]


async def _fill_caches(served: Served, documents: int) -> None:
    page, text = Page(served.url, "author"), Author(seed=2).text(_WORDS_A_MEGABYTE)
    written = [await page.write_document(f"Volume {number + 1}", text) for number in range(documents)]
    for _ in range(_READS):
        await asyncio.gather(*(page.read_document(each) for each in written))


async def _sample(served: Served, tally: Tally, samples: list[Sample], *, seconds: float) -> None:
    begun, told = time.monotonic(), 0.0
    while (now := time.monotonic() - begun) < seconds or len(samples) < 3:
        with served.process.oneshot():
            files, threads = served.process.num_fds(), served.process.num_threads()
            samples.append(Sample(now, tally.turns, served.resident_mib, files, threads))
        if now - told >= 15:
            told = now
            console.print(f"  {now:.0f} s: {tally.turns:,} turns, {samples[-1].resident_mib:.1f} MiB", style="dim")
        await asyncio.sleep(min(_SAMPLE_SECONDS, seconds / 10))


async def _write(served: Served, seat: int, text: str, tally: Tally, over: asyncio.Event) -> None:
    """One writer after another, as long as the soak goes on."""
    chance = random.Random(seat)
    writer = 0
    while not over.is_set():
        writer += 1
        page, chats = Page(served.url, f"writer-{seat}-{writer}"), 0
        while not over.is_set() and chats < _CHATS_OF_A_WRITER:
            is_new = not chats or chance.random() < 1 / 3
            chats += is_new
            chat_id = f"chat-{chats if is_new else chance.randint(1, chats)}"
            kind = chance.choices(list(_KINDS), weights=list(_KINDS.values()))[0]
            try:
                await _TURNS[kind](page, chat_id, f"message-{tally.turns}-{seat}", text)
            except (BadAnswer, OSError, TimeoutError) as error:
                tally.errors.append(f"{kind}: {error or type(error).__name__}")
            tally.count(kind)


async def _read(page: Page, chat_id: str, message_id: str, text: str) -> None:
    await (await page.ask(chat_id, message_id, QUESTION)).whole(text)


async def _drop(page: Page, chat_id: str, message_id: str, text: str) -> None:
    """The page is closed in the middle; another one takes the answer up, if it is still being written."""
    reading = await page.ask(chat_id, message_id, QUESTION)
    await reading.reached(len(text) // 2)
    await reading.drop()
    await _take_up(page, chat_id, text)


async def _take_up(page: Page, chat_id: str, text: str) -> None:
    again = await (await page.resume(chat_id)).over()
    if again.status == 204:
        if await page.last_text(chat_id) != text:
            raise BadAnswer("nothing is being written, and the history has not the whole answer")
    else:
        await again.whole(text)


async def _watch(page: Page, chat_id: str, message_id: str, text: str) -> None:
    """A second page reads along."""
    reading = await page.ask(chat_id, message_id, QUESTION)
    await reading.reached(len(text) // 3)
    await asyncio.gather(reading.whole(text), _take_up(page, chat_id, text))


async def _stop(page: Page, chat_id: str, message_id: str, text: str) -> None:
    reading = await page.ask(chat_id, message_id, QUESTION)
    await reading.reached(len(text) // 3)
    if (status := await page.stop(chat_id)) != 204:
        raise BadAnswer(f"stop gave status {status}")
    _check_stopped(await reading.over(), text)


def _check_stopped(reading: Reading, text: str) -> None:
    ended = reading.kinds[-2:] in (["abort", DONE], ["finish", DONE])
    if reading.status != 200 or not ended or not text.startswith(reading.text):
        raise BadAnswer(f"stopped, status {reading.status}, it ends with {reading.kinds[-2:]}")


_TURNS: Final = {"read": _read, "drop": _drop, "watch": _watch, "stop": _stop}


def _third(samples: list[Sample], which: int) -> list[Sample]:
    size = max(1, len(samples) // 3)
    return samples[which * size : (which + 1) * size] if which < 2 else samples[-size:]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
