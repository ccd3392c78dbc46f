"""Looking for runs that nobody holds, beside many that wait for their writers."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

from benchmarks.measure import Topic
from benchmarks.peers.ours import open_saga
from benchmarks.replay import long_answer


async def measure(url: str, folder: Path, *, quick: bool) -> Topic:
    """The topic's numbers."""
    waiting, looks = (200, 5) if quick else (1_000, 21)
    topic = Topic(
        f"Reaping {waiting:,} waiting runs",
        f"One look of the reaper over {waiting:,} runs that wait for an answer, SQLite; the best of {looks} looks, as "
        "whatever else the machine does only adds to wall time.",
    )
    async with open_saga(f"sqlite+aiosqlite:///{folder}/reaping.db", f"openai:tokens=5@{url}") as saga:
        for _ in range(waiting):
            run = await long_answer(saga, 4, ends=False)
            await saga.storage.journal.runs.pause(run.id, epoch=run.epoch, parts=())
        times: list[float] = []
        for _ in range(looks):
            started = time.perf_counter()
            assert await saga.reaper.reap() == []
            times.append(1000 * (time.perf_counter() - started))
    topic.at_most("a look", min(times), 10, unit="ms", detail=f" (median {median(times):.1f})")
    return topic
