"""The reaper: takes up runs whose runner is gone."""

from __future__ import annotations

import asyncio
import logging

from saga_agent.clock import Clock
from saga_agent.domain.journal import Run
from saga_agent.errors import StorageError
from saga_agent.runs.ending import Ending
from saga_agent.runs.lease import LeaseTimes
from saga_agent.runs.owner import is_dead
from saga_agent.runs.runner import Runner
from saga_agent.runs.settings import Recovery
from saga_agent.storage.ports.journal import Journal

_log = logging.getLogger(__name__)
_EVERY_SECONDS = 1.5
_MAX_AT_ONCE = 1000
_LEFT = Ending("interrupted", "the process that wrote it died", "process")


class Reaper:
    """Looks at start and then every moment for runs that nobody holds any more, and takes them up here."""

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
        """Takes up the runs whose lease is over or whose process is gone, and those left here by mistake.

        Requests whose time is over are closed, and their runs go on.
        """
        await self._runner.lease_clock.compare()
        return await self._look(as_of=self._runner.lease_clock.now())

    async def _look(self, *, as_of: float) -> list[Run]:
        """Takes up what is left, by the leases as they were at that time."""
        await self._runner.go_on(await self._journal.requests.expire(now=self._clock.now()))
        leases = self._journal.leases
        dead = [name for name in await leases.holders() if is_dead(name)]
        left = await leases.left(now=as_of, runners=dead, limit=_MAX_AT_ONCE)
        runs = {run.id: run for run in (*left, *await self._strays())}
        found = [run for run in runs.values() if self._runner.is_free(run) and self._runner.can_run(run)]
        for run in found:
            self._take_up(run)
        return found

    async def _strays(self) -> list[Run]:
        """Runs in this runner's name that are not under way here: something failed, and others leave them to it."""
        held = await self._journal.leases.held(self._runner.name)
        runs = [await self._journal.runs.get(each.run_id) for each in held if not self._runner.holds(each.run_id)]
        return [run for run in runs if not self._is_new(run)]

    def _is_new(self, run: Run) -> bool:
        """Whether it was queued just now: whoever did that is about to begin it."""
        return run.epoch == 0 and run.created_at + self._times.lease_seconds > self._clock.now()

    def _take_up(self, run: Run) -> None:
        if self._recovery == "interrupt" and run.state == "running" and not run.stop_requested:
            self._runner.seal(run, _LEFT)
        else:
            self._runner.start(run)

    async def _loop(self) -> None:
        looked_at = self._runner.lease_clock.now()
        lenient_until = trusted = looked_at
        while True:
            try:
                await self._runner.lease_clock.compare()
                now = self._runner.lease_clock.now()
                if now - looked_at > self._times.renew_seconds:
                    # What kept this process from looking may have kept others from renewing.
                    lenient_until, trusted = now + self._times.renew_seconds, looked_at
                if found := await self._look(as_of=now if now >= lenient_until else trusted):
                    _log.info("took up %d run(s) that nobody held", len(found))
                looked_at = now
            except StorageError as error:
                _log.warning("could not look for runs to take up: %s", error)
            await self._clock.sleep(_EVERY_SECONDS)
