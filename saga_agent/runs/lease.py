"""Keeping runs: one renewal for all runs held here, and one look that hears what somebody wants stopped."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any

from saga_agent.domain.given import given_number
from saga_agent.domain.journal import HeldRun, Run
from saga_agent.errors import InvalidInput, SagaError
from saga_agent.runs.lease_clock import LeaseClock
from saga_agent.storage.ports.journal import Leases

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseTimes:
    """How long a lease lasts, how often it is renewed, and how often a stop is looked for; in seconds."""

    lease_seconds: float = 15.0
    renew_seconds: float = 5.0
    watch_seconds: float = 0.5

    def __post_init__(self) -> None:
        for each in fields(self):
            given_number(getattr(self, each.name), each.name)
        if self.renew_seconds >= self.lease_seconds:
            raise InvalidInput(
                f"A lease of {self.lease_seconds:g} seconds that is renewed every {self.renew_seconds:g} runs out "
                "meanwhile; renew it more often."
            )


class Lease:
    """What is known of one run that is under way here, from the moment it is queued."""

    def __init__(self, run: Run) -> None:
        self.run = run
        """As it was queued, and once it is taken, as it was taken."""
        self.ended = asyncio.Event()
        """Set when the work must end: `lost` or `stop_requested` says why."""
        self.lost = False
        """Another runner has the run, or it could not be renewed in time."""
        self.stop_requested = False
        self.take(run)

    def take(self, run: Run) -> None:
        """The run is as given now; a wish to stop may be older than this lease."""
        self.run = run
        if run.stop_requested:
            self.stop()

    def stop(self) -> None:
        """Ends the work at the writer's wish."""
        self.stop_requested = True
        self.ended.set()

    def lose(self) -> None:
        """Ends the work because it is another's now."""
        self.lost = True
        self.ended.set()


class LeaseKeeper:
    """Keeps the leases of a runner while there are any; a wish to stop is heard meanwhile.

    Two tasks, so that a look that takes long keeps no renewal waiting.
    """

    def __init__(self, leases: Leases, clock: LeaseClock, times: LeaseTimes, *, runner: str) -> None:
        self._leases, self._clock, self._times, self._runner = leases, clock, times, runner
        self._held: set[Lease] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self.renewed_at = 0.0
        """When the leases were last known to hold; no lease held here began before."""

    @contextmanager
    def hold(self, lease: Lease) -> Generator[Lease]:
        """Keeps the lease while inside."""
        if not self._held:
            self.renewed_at = self._clock.now()
            self._tasks = [
                asyncio.create_task(self._renewing(), name="leases"),
                asyncio.create_task(self._watching(), name="wishes to stop"),
            ]
        self._held.add(lease)
        try:
            yield lease
        finally:
            self._held.discard(lease)
            if not self._held:
                for task in self._tasks:
                    task.cancel()

    async def give_back(self) -> None:
        """Lets another runner have at once what is queued or running under this runner's name."""
        try:
            await self._leases.renew(self._runner, lease_until=0.0)
        except SagaError as error:
            _log.debug("the leases of %s were not given back: %s", self._runner, error)

    async def _renewing(self) -> None:
        while True:
            await self._clock.sleep(self._times.renew_seconds)
            await self._clock.compare()
            await self._hear("renewed", self._renew)

    async def _watching(self) -> None:
        while True:
            await self._clock.sleep(self._times.watch_seconds)
            await self._hear("looked at", lambda: self._leases.held(self._runner))

    async def _renew(self) -> Sequence[HeldRun]:
        now = self._clock.now()
        found = await self._leases.renew(self._runner, lease_until=now + self._times.lease_seconds)
        self.renewed_at = now
        return found

    async def _hear(self, what: str, ask: Callable[[], Coroutine[Any, Any, Sequence[HeldRun]]]) -> None:
        """Takes in how the runs stand; those that are not among what is found have another holder, or none."""
        asked = [lease for lease in self._held if self._is_named(lease)]
        try:
            wishes = {each.run_id: each.stop_requested for each in await ask()}
        except Exception as error:  # whatever it was, the leases must be kept
            return self._miss(what, error)
        for lease in asked:
            if lease.run.id not in wishes:
                lease.lose()
            elif wishes[lease.run.id]:
                lease.stop()

    def _is_named(self, lease: Lease) -> bool:
        """Whether the journal names this runner as its holder: what is being taken up from others is not ours yet."""
        return lease.run.runner == self._runner and not lease.ended.is_set()

    def _miss(self, what: str, error: Exception) -> None:
        _log.warning("the leases of %d run(s) could not be %s: %s", len(self._held), what, error)
        if self._clock.now() - self.renewed_at >= self._times.lease_seconds:
            for lease in self._held:
                lease.lose()
