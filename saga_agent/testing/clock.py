"""A clock that stands still until it is told to go on."""

from __future__ import annotations

import asyncio
import heapq
from itertools import count

_LOOP_TURNS = 10
"""Turns of the event loop that a woken task gets, so that it can fall asleep again before time goes on."""


class FakeClock:
    """A `Clock` for tests: `advance` moves its time and wakes its sleepers in the order they are due.

    Example:
        >>> clock = FakeClock(start=1_000.0)
        >>> clock.now()
        1000.0
    """

    def __init__(self, *, start: float = 1_700_000_000.0) -> None:
        self._now = start
        self._tickets = count()
        self._asleep: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        wake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # The ticket keeps sleepers with the same due time in the order they came.
        heapq.heappush(self._asleep, (self._now + seconds, next(self._tickets), wake))
        await wake

    async def advance(self, seconds: float) -> None:
        """Moves time on; a sleeper that sleeps again within that stretch is woken again within it."""
        end = self._now + seconds
        await _let_others_run()
        while self._asleep and self._asleep[0][0] <= end:
            self._now, _, wake = heapq.heappop(self._asleep)
            if not wake.done():
                wake.set_result(None)
                await _let_others_run()
        self._now = end


async def _let_others_run() -> None:
    for _ in range(_LOOP_TURNS):
        await asyncio.sleep(0)
