"""Linking names in whole novels."""

from __future__ import annotations

import re
import time
from collections import Counter
from pathlib import Path

from benchmarks.measure import Topic, console
from benchmarks.story import Author
from saga_agent.linking import compile_bible, link

NOVELS = Path(__file__).parent.parent.parent / "shared" / "data"
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}(?: [A-Z][a-z]+)?")


async def measure(url: str, folder: Path, *, quick: bool) -> Topic | None:
    """The topic's numbers; None when the novels are not there."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(NOVELS.glob("*.txt"))]
    if not texts:
        console.print(f" skipped: there are no novels in {NOVELS.name}")
        return None
    found = Counter(name for text in texts for name in _NAME.findall(text))
    names = [name for name, _ in found.most_common(1_000)]
    invented = Author(seed=9).names(5_000 - len(names))
    topic = Topic(
        "Linking",
        f"{len(texts)} novels, {sum(map(len, texts)) / 1e6:.1f} million characters; a bible of 5,000 entries: the "
        f"{len(names):,} most frequent capitalised words and pairs of these novels, the others invented. CPU time, the "
        "best of five rounds.",
    )
    started = time.process_time()
    kinds = ("character", "place", "faction", "item")
    bible = compile_bible(
        {"id": f"e{number}", "kind": kinds[number % 4], "name": name, "aliases": []}
        for number, name in enumerate([*names, *invented])
    )
    compiled = time.process_time() - started
    size = sum(len(text.encode()) for text in texts) / 1e6
    rounds: list[float] = []
    mentions = 0
    for _ in range(2 if quick else 5):
        started = time.process_time()
        mentions = sum(len(link(text, bible)) for text in texts)
        rounds.append(time.process_time() - started)
    topic.at_least("linking", size / min(rounds), 15, unit="MB/s", detail=f" ({mentions:,} mentions)")
    topic.told("compiling the bible", f"{1000 * compiled:.0f} ms")
    topic.told("mentions per second", f"{mentions / min(rounds):,.0f}")
    return topic
