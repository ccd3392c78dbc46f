"""`python -m benchmarks [NAMES] [--quick] [--out FILE]`: measures, prints progress, writes the page."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from benchmarks import (
    context,
    crash,
    growth,
    linking_speed,
    live_streams,
    machine,
    replay,
    report,
    startup,
    streaming,
    tool_turn,
)
from benchmarks.measure import Topic, console
from benchmarks.server import serving

Measure = Callable[..., Awaitable[Topic | None]]
TOPICS: dict[str, Measure] = {
    "growth": growth.measure,
    "streaming": streaming.measure,
    "tool-turn": tool_turn.measure,
    "live-streams": live_streams.measure,
    "crash": crash.measure,
    "replay": replay.measure,
    "context": context.measure,
    "linking": linking_speed.measure,
    "startup": startup.measure,
}


async def _measure(names: Sequence[str], *, quick: bool, images: Path | None) -> list[Topic]:
    topics: list[Topic] = []
    with serving() as url:
        for name in names:
            console.print(name, style="bold")
            with tempfile.TemporaryDirectory() as folder:
                topic = await TOPICS[name](url, Path(folder), quick=quick)
                if topic is None:
                    continue
                if images is not None:
                    _keep([Path(folder) / image for image in topic.images.values()], images)
            topics.append(topic)
            _tell(topic)
    return topics


def _keep(pictures: Sequence[Path], images: Path) -> None:
    images.mkdir(parents=True, exist_ok=True)
    for picture in pictures:
        shutil.copy(picture, images)


def _tell(topic: Topic) -> None:
    for row in topic.rows:
        budget = f"  (budget {row.budget}: {row.verdict.strip('*')})" if row.budget else ""
        console.print(f"  {row.what}: {row.measured}{budget}", style="red" if row.met is False else None)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures the library beside its peers.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"all by default; of {', '.join(TOPICS)}")
    parser.add_argument("--quick", action="store_true", help="smaller sizes, to see that everything works")
    parser.add_argument("--out", type=Path, help="the page to write, e.g. docs/benchmarks.md; printed otherwise")
    options = parser.parse_args()
    if unknown := sorted(set(options.names) - set(TOPICS)):
        parser.error(f"there is no benchmark {unknown[0]!r}; there are {', '.join(TOPICS)}")
    images = options.out.parent / "images" if options.out else None
    topics = asyncio.run(_measure(options.names or list(TOPICS), quick=options.quick, images=images))
    text = report.page(topics, machine.describe())
    if options.out is None:
        sys.stdout.write(text)
    else:
        options.out.write_text(text, encoding="utf-8")
        console.print(f"wrote {options.out}")


if __name__ == "__main__":
    main()
