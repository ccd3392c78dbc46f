"""The journal's leases: who holds which runs, told by the storage's own clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from saga_agent.domain.journal import HeldRun, Run


class Leases(Protocol):
    """Who holds the runs that are at work: a run names its holder from the moment it is queued."""

    async def now(self) -> float:
        """The time in seconds since 1970 by the storage's own clock, which all processes that share it have."""
        ...

    async def held(self, runner: str) -> Sequence[HeldRun]:
        """The queued and running runs of that runner, in any order."""
        ...

    async def renew(self, runner: str, *, lease_until: float) -> Sequence[HeldRun]:
        """Gives all queued and running runs of that runner this lease, and tells which they are.

        One change for all of them, which does not wait behind other changes of this process; 0.0 gives them back.
        """
        ...

    async def holders(self) -> Sequence[str]:
        """The names of the runners that hold queued or running runs, each once."""
        ...

    async def left(self, *, now: float, runners: Sequence[str] = (), limit: int = 1000) -> Sequence[Run]:
        """The oldest runs that nobody is at work on, as far as leases tell, oldest first.

        Queued and running ones whose lease is over at `now` or which one of those runners holds, and waiting ones that
        are to be stopped. What waits costs nothing.
        """
        ...
