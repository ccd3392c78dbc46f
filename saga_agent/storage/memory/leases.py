"""Leases: who holds which runs."""

from __future__ import annotations

import time
from collections.abc import Sequence

from saga_agent.domain.journal import HeldRun, Run
from saga_agent.storage.memory.tables import AT_WORK, Tables


class MemoryLeases:
    """Who holds the runs that are at work."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def now(self) -> float:
        return time.time()

    async def held(self, runner: str) -> Sequence[HeldRun]:
        return [HeldRun(run.id, run.stop_requested) for run in self._held_by(runner)]

    async def renew(self, runner: str, *, lease_until: float) -> Sequence[HeldRun]:
        for run in self._held_by(runner):
            self._tables.runs[run.id] = run.model_copy(update={"lease_until": lease_until})
        return await self.held(runner)

    async def holders(self) -> Sequence[str]:
        names = {run.runner for run in self._tables.runs.values() if run.state in AT_WORK}
        return [name for name in names if name is not None]

    async def left(self, *, now: float, runners: Sequence[str] = (), limit: int = 1000) -> Sequence[Run]:
        found = [
            run
            for run in self._tables.runs.values()
            if (run.state in AT_WORK and (run.lease_until <= now or run.runner in runners))
            or (run.state == "waiting" and run.stop_requested)
        ]
        return sorted(found, key=lambda run: (run.created_at, run.id))[:limit]

    def _held_by(self, runner: str) -> list[Run]:
        return [run for run in self._tables.runs.values() if run.state in AT_WORK and run.runner == runner]
