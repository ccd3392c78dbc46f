"""`python -m benchmarks [NAMES] [--quick] [--minutes N] [--out FILE]`: measures, prints progress, writes the page."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks import (
    context,
    crash,
    growth,
    linking_speed,
    live_streams,
    machine,
    names,
    reaping,
    replay,
    report,
    startup,
    streaming,
    tool_turn,
)
from benchmarks.measure import Topic, console
from benchmarks.over_http import resumes, soak, stalled, streams
from benchmarks.server import serving

Measure = Callable[..., Awaitable[Topic | None]]
TOPICS: dict[str, Measure] = {
    "growth": growth.measure,
    "streaming": streaming.measure,
    "tool-turn": tool_turn.measure,
    "live-streams": live_streams.measure,
    "crash": crash.measure,
    "replay": replay.measure,
    "reaping": reaping.measure,
    "context": context.measure,
    "linking": linking_speed.measure,
    "names": names.measure,
    "startup": startup.measure,
    "http-streams": streams.measure,
    "http-resumes": resumes.measure,
    "http-stalled": stalled.measure,
    "http-soak": soak.measure,
}


async def _measure(measures: Mapping[str, Measure], *, quick: bool, images: Path | None) -> list[Topic]:
    topics: list[Topic] = []
    with serving() as url:
        for name, measure in measures.items():
            console.print(name, style="bold")
            with tempfile.TemporaryDirectory() as folder:
                topic = await measure(url, Path(folder), quick=quick)
                if topic is None:
                    continue
                if images is not None:
                    _keep([Path(folder) / image for image in topic.images.values()], images)
            topics.append(topic)
            _tell(topic)
    return topics


def _named(name: str) -> list[str]:
    """The benchmarks of that name, or of that group."""
    return [each for each in TOPICS if each == name or each.startswith(f"{name}-")]


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
    known = ", ".join(TOPICS)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"all by default; of {known}; `http` for all of http-")
    parser.add_argument("--quick", action="store_true", help="smaller sizes, to see that everything works")
    parser.add_argument("--minutes", type=float, help="how long http-soak goes on; 3 by default")
    parser.add_argument("--out", type=Path, help="the page to write, e.g. docs/benchmarks.md; printed otherwise")
    options = parser.parse_args()
    if unknown := [name for name in options.names if not _named(name)]:
        parser.error(f"there is no benchmark {unknown[0]!r}; there are {known}")
    measures = {**TOPICS, "http-soak": partial(soak.measure, minutes=options.minutes)}
    chosen = [each for name in options.names or TOPICS for each in _named(name)]
    images = options.out.parent / "images" if options.out else None
    topics = asyncio.run(_measure({name: measures[name] for name in chosen}, quick=options.quick, images=images))
    text = report.page(topics, machine.describe())
    if options.out is None:
        sys.stdout.write(text)
    else:
        options.out.write_text(text, encoding="utf-8")
        console.print(f"wrote {options.out}")


if __name__ == "__main__":
    main()
