"""A reader that stops reading: whether it slows anybody else, and what the server holds for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.measure import Topic, console, percentile
from benchmarks.over_http.client import BadAnswer, Page
from benchmarks.over_http.servers import Served, saga_serve
from benchmarks.peers.task import QUESTION
from benchmarks.server import spoken

_WORDS: Final = 200
"""Of a token: a kilobyte, so that the buffers on the way are full within seconds."""


@dataclass(frozen=True, slots=True)
class Round:
    """The completions of one round, and what became of the page that is stalled in half of the rounds."""

    ends: list[float]
    """Seconds to completion of those who always read."""
    unsent_bytes: int = 0
    """What the kernel held for the stalled page when the others were done."""
    behind_bytes: int = 0
    """What the page had not got by then."""
    waited_seconds: float = 0.0
    """Until it had everything, from when it read again."""


async def measure(url: str, folder: Path, *, quick: bool) -> Topic:
    """The topic's numbers."""
    tokens, rounds = (350, 1) if quick else (600, 3)
    return await compare(url, folder, readers=20, tokens=tokens, rounds=rounds)


async def compare(
    url: str, folder: Path, *, readers: int, tokens: int, rounds: int, delay_ms: int = 20, grace_seconds: float = 1.0
) -> Topic:
    """The topic's numbers at that size; `grace_seconds` is how long the memory settles before it is read."""
    text = "".join(spoken(tokens, _WORDS))
    topic = Topic(
        "A reader that stops reading",
        f"`saga serve` on SQLite; {readers} writers follow an answer each, one more follows an answer that a second "
        "page of theirs stops reading at the first words: its connection stays open, its window is full. Answers of "
        f"{len(text) / 1000:,.0f} KB, {len(text) // tokens} bytes every {delay_ms} ms; the second page has the "
        "segments of Ethernet and a window of 4 KiB. Beside it the same with a second page that reads; "
        f"{rounds} rounds of each kind, in turn, all completions of the others together. Then the stalled page "
        "reads again, and must get all of its answer. Memory and end are those of two more processes: one tells each "
        f"of {readers} answers to a page that stops reading and to one that reads, the other to two that read.",
    )
    model = f"openai:tokens={tokens},delay_ms={delay_ms},words={_WORDS}@{url}"
    rows: dict[bool, list[Round]] = {False: [], True: []}
    with saga_serve(folder, model) as served:
        await _round(served, "warm-up", text, readers=readers, stalls=False)
        for number in range(rounds):
            for stalls, done in rows.items():
                done.append(await _round(served, f"{number}-{stalls}", text, readers=readers, stalls=stalls))
                told = f"{'stalled' if stalls else 'all read'}: the last of the others after {max(done[-1].ends):.2f} s"
                console.print(f"  {told}", style="dim")
    _tell(topic, rows[True], rows[False])
    held, ended = zip(
        *[await _hold(folder, model, text, readers, stalls, grace_seconds) for stalls in (True, False)], strict=True
    )
    topic.at_most("memory a stalled reader", 1024 * (held[0] - held[1]) / readers, 4 * len(text) / 1024, unit="KiB")
    topic.told(
        f"the server's end after SIGTERM, with {readers} stalled readers, without", f"{ended[0]:.1f}, {ended[1]:.1f} s"
    )
    topic.notes.append(
        "A stalled reader holds what it has not taken of its own answer, as chunks in a queue that is let go for the "
        "log at 20,000: four times the answer's bytes is the budget."
    )
    return topic


def _tell(topic: Topic, stalled: Sequence[Round], read: Sequence[Round]) -> None:
    ours, usual = ([end for each in rows for end in each.ends] for rows in (stalled, read))
    for share in (0.5, 0.99):
        one, other = 1000 * percentile(ours, share), 1000 * percentile(usual, share)
        what = f"completion of the others, p{100 * share:.0f}, to that without a stalled reader"
        topic.at_most(what, one / other, 1.1, unit="x", detail=f" ({one:,.0f} to {other:,.0f} ms)")
    behind, unsent = (max(getattr(each, name) for each in stalled) for name in ("behind_bytes", "unsent_bytes"))
    told = f"{behind / 1024:,.0f} KiB ({unsent / 1024:,.0f} KiB in the kernel)"
    topic.told("behind when the others were done, at most", told)
    topic.told("everything got, after reading again", f"{1000 * max(each.waited_seconds for each in stalled):,.0f} ms")


async def _round(served: Served, name: str, text: str, *, readers: int, stalls: bool) -> Round:
    pages = [Page(served.url, f"writer-{number}") for number in range(readers + 1)]
    others = await asyncio.gather(*(page.ask(name, f"{page.owner}-{name}", QUESTION) for page in pages))
    await others[0].reached(1)
    second = await pages[0].resume(name, narrow=True)
    if stalls:
        await second.reached(1)
        second.stall()
    await asyncio.gather(*(reading.whole(text) for reading in others))
    ends = [reading.end for reading in others]
    if not stalls:
        await second.whole(text)
        return Round(ends)
    unsent, got, again = served.unsent_bytes(second.port), second.body_bytes, time.perf_counter()
    second.go_on()
    await second.whole(text)
    behind = second.body_bytes - got
    if behind < 2 * unsent:
        raise BadAnswer("the buffers on the way took the rest of the answer; the server never felt that nobody reads")
    return Round(ends, unsent, behind, time.perf_counter() - again)


async def _hold(
    folder: Path, model: str, text: str, readers: int, stalls: bool, grace_seconds: float
) -> tuple[float, float]:
    """MiB that a new server has grown by when all answers are written, and seconds from SIGTERM to its end."""
    name = f"hold-{stalls}"
    with saga_serve(folder, model) as served:
        pages = [Page(served.url, f"writer-{number}") for number in range(readers)]
        first = [await page.ask("warm-up", f"{page.owner}-warm-up", QUESTION) for page in pages[:1]]
        await asyncio.gather(*(reading.whole(text) for reading in first))
        before = served.resident_mib
        asked = [page.ask(name, f"{page.owner}-{name}", QUESTION, narrow=True) for page in pages]
        readings = await asyncio.gather(*asked)
        await asyncio.gather(*(reading.reached(1) for reading in readings))
        beside = await asyncio.gather(*(page.resume(name) for page in pages))
        for reading in readings if stalls else ():
            reading.stall()
        await asyncio.gather(*(reading.whole(text) for reading in (beside if stalls else [*beside, *readings])))
        await asyncio.sleep(grace_seconds)
        grown, ends = served.resident_mib - before, time.perf_counter()
        await asyncio.to_thread(served.end)
        ended = time.perf_counter() - ends
        await asyncio.gather(*(reading.drop() for reading in readings))
        return grown, ended
