"""The line: which runs of this process are at work, and which wait for a place, first come, first served."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from saga_agent.clock import Clock
from saga_agent.runs.lease import Lease
from saga_agent.streams.hub import StreamHub

_TELL_SECONDS = 1.0
_FAR = 100
"""How many are told their place in each second, about: the further back, the more seldom."""


class Line:
    """Lets so many turns be at work at once; subagents are part of the turn that called them.

    A crowd that can be served begins in step. Beyond that, more turns at once end no sooner, and all of them later.
    """

    def __init__(self, places: int, hub: StreamHub, clock: Clock) -> None:
        self._free, self._hub, self._clock = places, hub, clock
        self._waiting: dict[Lease, asyncio.Future[None]] = {}
        self._usher: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def place(self, lease: Lease) -> AsyncGenerator[None]:
        """A place among the turns at work, waited for; without one, when the work must end before it began."""
        has_place = lease.run.parent_run_id is None and await self._find(lease)
        try:
            yield
        finally:
            if has_place:
                self._give()

    async def _find(self, lease: Lease) -> bool:
        if self._free > 0:
            self._free -= 1
            return True
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[lease] = called
        self._tell(lease, len(self._waiting))
        if self._usher is None or self._usher.done():
            self._usher = asyncio.create_task(self._tell_all(), name="places in the line")
        ended = asyncio.create_task(lease.ended.wait())
        try:
            await asyncio.wait({called, ended}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            if called.done():
                self._give()
            raise
        finally:
            self._waiting.pop(lease, None)
            ended.cancel()
            if not self._waiting:
                self._usher.cancel()
        return called.done()

    def _give(self) -> None:
        """Calls the next, or leaves the place free."""
        for lease, called in self._waiting.items():
            del self._waiting[lease]
            return called.set_result(None)
        self._free += 1

    async def _tell_all(self) -> None:
        second = 0
        while True:
            await self._clock.sleep(_TELL_SECONDS)
            second += 1
            for number, lease in enumerate(self._waiting, 1):
                if second % (number // _FAR + 1) == 0:
                    self._tell(lease, number)

    def _tell(self, lease: Lease, number: int) -> None:
        if channel := self._hub.find(lease.run.stream_id):
            channel.stand(number)
