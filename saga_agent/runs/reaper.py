"""The reaper: takes up runs whose runner is gone."""

from __future__ import annotations

import asyncio
import logging
from typing import Literal

from saga_agent.clock import Clock
from saga_agent.domain.journal import Run
from saga_agent.errors import StorageError
from saga_agent.runs.ending import Ending
from saga_agent.runs.lease import LeaseTimes
from saga_agent.runs.runner import Runner
from saga_agent.storage.journal import Journal

_log = logging.getLogger(__name__)
_EVERY_SECONDS = 5.0
_MAX_AT_ONCE = 1000
_LEFT = Ending("interrupted", "the process that wrote it died", "process")

Recovery = Literal["resume", "interrupt"]
"""What becomes of a run whose runner died: it goes on from its last step, or what it wrote is kept and it ends."""


class Reaper:
    """Looks at start and every five seconds for runs that nobody holds any more, and takes them up here."""

    def __init__(
        self, journal: Journal, runner: Runner, clock: Clock, times: LeaseTimes, *, recovery: Recovery
    ) -> None:
        self._journal, self._runner, self._clock, self._times = journal, runner, clock, times
        self._recovery: Recovery = recovery
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to look."""
        self._task = asyncio.create_task(self._loop(), name="reaper")

    async def close(self) -> None:
        """Looks no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def reap(self) -> list[Run]:
        """Takes up the runs whose lease is over or whose process is gone, and queued ones that nobody took.

        Requests whose time is over are closed, and their runs go on.
        """
        await self._runner.go_on(await self._journal.requests.expire(now=self._clock.now()))
        live = await self._journal.runs.list(states=("queued", "running"), limit=_MAX_AT_ONCE)
        waiting = await self._journal.runs.list(states=("waiting",), limit=_MAX_AT_ONCE)
        found = [run for run in (*live, *waiting) if self._is_orphan(run)]
        for run in found:
            self._take_up(run)
        return found

    def _is_orphan(self, run: Run) -> bool:
        if run.state == "waiting":
            return run.stop_requested and self._runner.is_free(run)  # nobody holds it who could see the wish
        if run.state == "queued" and run.created_at + self._times.lease_seconds > self._clock.now():
            return False  # whoever queued it takes it at once; a while later that process must be gone
        return self._runner.is_free(run)

    def _take_up(self, run: Run) -> None:
        if self._recovery == "interrupt" and run.state == "running" and not run.stop_requested:
            self._runner.seal(run, _LEFT)
        else:
            self._runner.start(run)

    async def _loop(self) -> None:
        while True:
            try:
                if found := await self.reap():
                    _log.info("took up %d run(s) that nobody held", len(found))
            except StorageError as error:
                _log.warning("could not look for runs to take up: %s", error)
            await self._clock.sleep(_EVERY_SECONDS)
