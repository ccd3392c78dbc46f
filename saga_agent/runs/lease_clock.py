"""The clock by which leases are told: the storage's own, which all processes that share it have."""

from __future__ import annotations

import logging

from saga_agent.clock import Clock, SystemClock
from saga_agent.errors import StorageError
from saga_agent.storage.ports.journal import Leases

_log = logging.getLogger(__name__)
_WORTH_TELLING_SECONDS = 2.0
_DAY_SECONDS = 86_400.0


class LeaseClock:
    """The storage's time, as this process can tell it without asking each time: its own clock and how far that is off.

    A process whose clock is ahead would otherwise take runs from those who hold them, and one whose clock is behind
    would hold runs that others believe to be left.
    """

    def __init__(self, clock: Clock, leases: Leases) -> None:
        self._clock, self._leases = clock, leases
        self._offset = 0.0
        self._told = False

    def now(self) -> float:
        """Seconds since 1970, by the storage's clock."""
        return self._clock.now() + self._offset

    async def sleep(self, seconds: float) -> None:
        """Returns after that many seconds."""
        await self._clock.sleep(seconds)

    async def compare(self) -> None:
        """Asks the storage for its time; without an answer, what was known stays."""
        asked_at = self._clock.now()
        try:
            theirs = await self._leases.now()
        except StorageError as error:
            return _log.debug("the storage did not tell its time: %s", error)
        # The answer may have been long on its way: what it says was true at some moment since it was asked for.
        offset = theirs - min(max(theirs, asked_at), self._clock.now())
        if abs(offset) > _DAY_SECONDS and not isinstance(self._clock, SystemClock):
            return  # it tells another age altogether: a test's clock, by which leases go as everything else does
        self._offset = offset
        if abs(offset) < _WORTH_TELLING_SECONDS:
            self._told = False
        elif not self._told:
            self._told = True
            direction = "ahead of" if offset < 0 else "behind"
            _log.warning(
                "this machine's clock is %.0f s %s the database's, which leases go by; set the clock right",
                abs(offset),
                direction,
            )
