"""Keeping runs: one task renews the leases of all runs held here, and hears when somebody wants one stopped."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from saga_agent.clock import Clock
from saga_agent.domain.journal import Run
from saga_agent.errors import SagaError, StorageUnavailable
from saga_agent.storage.journal import Runs

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseTimes:
    """How long a lease lasts, how often it is renewed, and how often a stop is looked for; in seconds."""

    lease_seconds: float = 15.0
    renew_seconds: float = 5.0
    watch_seconds: float = 0.5


class Lease:
    """What is known of one run that is held under one epoch."""

    def __init__(self, run: Run, *, renewed_at: float) -> None:
        self.run, self.renewed_at = run, renewed_at
        self.ended = asyncio.Event()
        """Set when the work must end: `lost` or `stop_requested` says why."""
        self.lost = False
        """Another runner has the run, or it could not be renewed in time."""
        self.stop_requested = False
        if run.stop_requested:  # the wish is older than this lease
            self.stop()

    def stop(self) -> None:
        """Ends the work at the writer's wish."""
        self.stop_requested = True
        self.ended.set()

    def lose(self) -> None:
        """Ends the work because it is another's now."""
        self.lost = True
        self.ended.set()

    def hear(self, run: Run) -> None:
        """Takes in how the run stands."""
        if run.epoch != self.run.epoch:
            self.lose()
        elif run.stop_requested:
            self.stop()


class LeaseKeeper:
    """Keeps the leases of a runner: one look at the storage serves all of them."""

    def __init__(self, runs: Runs, clock: Clock, times: LeaseTimes) -> None:
        self._runs, self._clock, self._times = runs, clock, times
        self._held: set[Lease] = set()
        self._task: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def hold(self, run: Run) -> AsyncGenerator[Lease]:
        """The lease of a run that was just taken, kept while inside."""
        lease = Lease(run, renewed_at=self._clock.now())
        self._held.add(lease)
        if self._task is None:
            self._task = asyncio.create_task(self._keep(), name="leases")
        try:
            yield lease
        finally:
            self._held.discard(lease)
            if not self._held:
                await self._rest()

    async def _rest(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _keep(self) -> None:
        while True:
            await self._clock.sleep(self._times.watch_seconds)
            leases = [lease for lease in self._held if not lease.ended.is_set()]
            now = self._clock.now()
            due = [lease for lease in leases if now - lease.renewed_at >= self._times.renew_seconds]
            rest = [lease for lease in leases if lease not in due]
            await asyncio.gather(self._look(rest), *(self._renew(lease) for lease in due))

    async def _renew(self, lease: Lease) -> None:
        until = self._clock.now() + self._times.lease_seconds
        try:
            run = await self._runs.renew(lease.run.id, epoch=lease.run.epoch, lease_until=until)
        except Exception as error:  # whatever it was, the other leases must be kept
            return self._miss(lease, error)
        lease.renewed_at = self._clock.now()
        lease.hear(run)

    async def _look(self, leases: Sequence[Lease]) -> None:
        try:
            found = await self._running() if len(leases) > 1 else dict[str, Run]()
        except Exception as error:  # as above
            for lease in leases:
                self._miss(lease, error)
            return
        for lease in leases:
            try:
                # A crowd of runs may not fit into the list.
                lease.hear(found.get(lease.run.id) or await self._runs.get(lease.run.id))
            except Exception as error:  # as above
                self._miss(lease, error)

    async def _running(self) -> Mapping[str, Run]:
        return {run.id: run for run in await self._runs.list(states=("running",), limit=2 * len(self._held))}

    def _miss(self, lease: Lease, error: Exception) -> None:
        if isinstance(error, SagaError) and not isinstance(error, StorageUnavailable):
            return lease.lose()
        _log.warning("run %s: the lease could not be renewed: %s", lease.run.id, error)
        if self._clock.now() - lease.renewed_at >= self._times.lease_seconds:
            lease.lose()
