"""Who had which run when: written down by the processes themselves, and by the storm, which kills them."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from saga_agent.domain.journal import Run
from saga_agent.storage.ports.journal import Runs
from tests.chaos.play import add_line, lines_of

FILE = "holders"


class RunsWitness:
    """A journal's runs that writes down who takes a run, and who lets go of one by pausing it or giving it back."""

    def __init__(self, runs: Runs, folder: Path) -> None:
        self._runs, self._folder = runs, folder

    def __getattr__(self, name: str) -> Any:
        return getattr(self._runs, name)

    async def take(self, run_id: str, **how: Any) -> Run:
        run = await self._runs.take(run_id, **how)
        _note(self._folder, "took", run_id, run.epoch)
        return run

    async def pause(self, run_id: str, *, epoch: int, **what: Any) -> Run:
        _note(self._folder, "let go", run_id, epoch)  # before: who is killed in between has paused it all the same
        return await self._runs.pause(run_id, epoch=epoch, **what)

    async def renew(self, run_id: str, *, epoch: int, lease_until: float) -> Run:
        if lease_until == 0.0:
            _note(self._folder, "let go", run_id, epoch)
        return await self._runs.renew(run_id, epoch=epoch, lease_until=lease_until)


def note_kill(folder: Path, pid: int) -> None:
    """The process is about to be killed."""
    add_line(folder / FILE, json.dumps(["killed", pid, time.monotonic()]))


def _note(folder: Path, what: str, run_id: str, epoch: int) -> None:
    add_line(folder / FILE, json.dumps([what, os.getpid(), time.monotonic(), run_id, epoch]))


@dataclass(slots=True)
class Holders:
    """What was written down, and what it shows."""

    killed: dict[int, float] = field(default_factory=dict[int, float])
    took: dict[str, dict[int, tuple[int, float]]] = field(default_factory=dict[str, dict[int, tuple[int, float]]])
    """By run and epoch: the process, and when it knew."""
    let_go: set[tuple[str, int, int]] = field(default_factory=set[tuple[str, int, int]])
    """Runs, epochs and the processes that let go of them."""

    @classmethod
    def of(cls, folder: Path) -> Holders:
        """As the files of that folder tell it."""
        holders = cls()
        for what, pid, at, *rest in map(json.loads, lines_of(folder / FILE)):
            if what == "killed":
                holders.killed[pid] = at
            elif what == "took":
                holders.took.setdefault(rest[0], {})[rest[1]] = (pid, at)
            else:
                holders.let_go.add((rest[0], rest[1], pid))
        return holders

    def problems(self, counts: Counter[str]) -> Sequence[str]:
        """The runs that somebody took from a process that lived and had not let go of them."""
        found: list[str] = []
        for run_id, by_epoch in self.took.items():
            epochs = sorted(by_epoch)
            for epoch, later in pairwise(epochs):
                (pid, _), (taker, at) = by_epoch[epoch], by_epoch[later]
                if (run_id, epoch, pid) in self.let_go:
                    counts["runs taken up after a pause"] += 1
                elif self.killed.get(pid, at) < at:
                    counts["runs taken from the dead"] += 1
                elif pid == taker:
                    counts["runs begun again by their holder"] += 1
                elif later == epoch + 1:
                    found.append(f"run {run_id}: process {taker} took epoch {later} from process {pid}, which lived")
        return found
