"""Keeping a run: the lease is renewed in a task of its own, which also hears when somebody wants the run stopped."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Self

from saga_agent.clock import Clock
from saga_agent.domain.journal import Run
from saga_agent.errors import SagaError, StaleEpoch, StorageUnavailable
from saga_agent.storage.journal import Runs

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseTimes:
    """How long a lease lasts, how often it is renewed, and how often a stop is looked for; in seconds."""

    lease_seconds: float = 15.0
    renew_seconds: float = 5.0
    watch_seconds: float = 0.5


class Lease:
    """Holds one run under one epoch while its body runs: `async with Lease(...) as lease`."""

    def __init__(self, run: Run, runs: Runs, clock: Clock, times: LeaseTimes) -> None:
        self._run, self._runs, self._clock, self._times = run, runs, clock, times
        self._task: asyncio.Task[None] | None = None
        self.ended = asyncio.Event()
        """Set when the work must end: `lost` or `stop_requested` says why."""
        self.lost = False
        """Another runner has the run, or it could not be renewed in time."""
        self.stop_requested = False
        if run.stop_requested:  # the wish is older than this lease
            self.stop()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep(), name=f"lease of {self._run.id}")
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def stop(self) -> None:
        """Ends the work at the writer's wish."""
        self.stop_requested = True
        self.ended.set()

    async def _keep(self) -> None:
        renewed_at = self._clock.now()
        while not self.ended.is_set():
            await self._clock.sleep(self._times.watch_seconds)
            due = self._clock.now() - renewed_at >= self._times.renew_seconds
            try:
                run = await self._look(renew=due)
            except StorageUnavailable as error:
                _log.warning("run %s: the lease could not be renewed: %s", self._run.id, error)
                if self._clock.now() - renewed_at >= self._times.lease_seconds:
                    self._lose()
                continue
            except SagaError:
                return self._lose()
            if due:
                renewed_at = self._clock.now()
            if run.stop_requested:
                self.stop()

    async def _look(self, *, renew: bool) -> Run:
        epoch = self._run.epoch
        if renew:
            until = self._clock.now() + self._times.lease_seconds
            return await self._runs.renew(self._run.id, epoch=epoch, lease_until=until)
        run = await self._runs.get(self._run.id)
        if run.epoch != epoch:
            raise StaleEpoch(run.id, epoch=epoch, current=run.epoch)
        return run

    def _lose(self) -> None:
        self.lost = True
        self.ended.set()
