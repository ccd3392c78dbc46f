"""What is measured, and how: CPU time of this process, a few rounds each, the peers in turn."""

from __future__ import annotations

import gc
import time
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median

from rich.console import Console

console = Console(highlight=False, stderr=True)
"""Where progress goes."""


@dataclass(frozen=True, slots=True)
class Row:
    """One number beside its budget."""

    what: str
    measured: str
    budget: str = ""
    met: bool | None = None
    """None where no budget is set."""

    @property
    def verdict(self) -> str:
        """In a word."""
        return "" if self.met is None else "met" if self.met else "**missed**"


@dataclass(slots=True)
class Topic:
    """One chapter of the page."""

    title: str
    how: str
    """What was done, in a sentence or two."""
    rows: list[Row] = field(default_factory=list[Row])
    notes: list[str] = field(default_factory=list[str])
    images: dict[str, str] = field(default_factory=dict[str, str])
    """By caption, the name of a file in the folder the topic was given."""

    def at_most(self, what: str, value: float, limit: float, *, unit: str = "", detail: str = "") -> None:
        """A number that must not be over its limit."""
        self.rows.append(Row(what, _with_unit(value, unit) + detail, f"<= {_with_unit(limit, unit)}", value <= limit))

    def at_least(self, what: str, value: float, limit: float, *, unit: str = "", detail: str = "") -> None:
        """A number that must not be under its limit."""
        self.rows.append(Row(what, _with_unit(value, unit) + detail, f">= {_with_unit(limit, unit)}", value >= limit))

    def told(self, what: str, measured: str) -> None:
        """A number without a budget."""
        self.rows.append(Row(what, measured))


def _with_unit(value: float, unit: str) -> str:
    digits = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}" if abs(value) < 1 else f"{value:.2f}"
    return f"{digits} {unit}".strip()


async def cpu_seconds(work: Callable[[], Awaitable[object]]) -> float:
    """The CPU time of this process, all its threads, while the work is done."""
    gc.collect()
    started = time.process_time()
    await work()
    return time.process_time() - started


@contextmanager
def after_start() -> Generator[None]:
    """As in a server after its start: what is there by now is out of the garbage collector's sight, for all alike."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


async def cpu_in_turns(works: Mapping[str, Callable[[], Awaitable[object]]], *, rounds: int) -> dict[str, float]:
    """The median CPU seconds of each work; they take turns, so that what else the machine does hits all alike."""
    for name, work in works.items():
        console.print(f"  warming up {name}", style="dim")
        await work()
    seconds: dict[str, list[float]] = {name: [] for name in works}
    with after_start():
        for number in range(rounds):
            for name, work in works.items():
                seconds[name].append(await cpu_seconds(work))
            console.print(f"  round {number + 1} of {rounds}: " + told(seconds), style="dim")
    return {name: median(values) for name, values in seconds.items()}


def told(seconds: Mapping[str, list[float]]) -> str:
    """The last value of each, for the progress line."""
    return ", ".join(f"{name} {values[-1] * 1000:.0f} ms" for name, values in seconds.items())


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least that share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]
