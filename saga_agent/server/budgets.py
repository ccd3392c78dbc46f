"""How much may be computed for whom: seconds of CPU by class of request, one piece of work a caller at a time.

Requests are counted elsewhere; this is for the few that are cheap to send and dear to serve.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Literal
from weakref import WeakValueDictionary

from fastapi import Request

from saga_agent.clock import Clock
from saga_agent.server.auth.addresses import address_of
from saga_agent.server.auth.rates import TokenBuckets
from saga_agent.server.identity import Identity
from saga_agent.server.problems import Refused
from saga_agent.server.settings import ServerSettings

RequestClass = Literal["read", "turn", "write", "detect", "check"]
"""What has a budget of its own: reading, turns, changes of the story, finding names in a text, checks of a story."""
_BURST_MINUTES: Final = 2
_MOST_WAITING: Final = 8
_ALL_GUESTS: Final = "guests"
_SPENT = "That is more work than this server does for you at a time; wait {seconds} s."
_CROWDED = "Too much that you asked for is still being worked on; wait for it first."


class CpuBudgets:
    """The accounts of all callers, in the memory of one process."""

    def __init__(self, settings: ServerSettings, clock: Clock) -> None:
        self._users = _buckets(clock, settings.user_cpu_seconds_per_minute)
        self._guests = _buckets(clock, settings.guest_cpu_seconds_per_minute)
        self._together = _buckets(clock, settings.guests_cpu_seconds_per_minute)
        self._queues: WeakValueDictionary[str, _Queue] = WeakValueDictionary()

    def account(self, kind: RequestClass, request: Request, identity: Identity) -> BoundedAccount | None:
        """Who pays for the work of a request; None for the one writer of a local server."""
        if identity.kind == "local":
            return None
        owner = f"{kind}/{identity.owner_id}"
        queue = self._queues.setdefault(owner, _Queue())
        if identity.kind != "guest":
            return BoundedAccount(queue, ((self._users, owner),))
        address = f"{kind}/{address_of(request)}"
        # A guest is cheap to make: an address, and all of them, have a limit, too.
        return BoundedAccount(
            queue, ((self._guests, owner), (self._guests, address), (self._together, f"{kind}/{_ALL_GUESTS}"))
        )


class _Queue:
    """Where a caller's work waits for its turn."""

    def __init__(self) -> None:
        self.turn, self.waiting = asyncio.Lock(), 0


@dataclass(slots=True)
class BoundedAccount:
    """What one caller may have computed, in one class of requests; of one request, which is let through once."""

    queue: _Queue
    purses: Sequence[tuple[TokenBuckets, str]]
    is_let_through: bool = False

    async def enter(self) -> None:
        """Returns when their work before is done; `Refused` with 429 when nothing is left, or too much waits."""
        if self.queue.waiting >= _MOST_WAITING:
            raise Refused(HTTPStatus.TOO_MANY_REQUESTS, _CROWDED, retry_seconds=1)
        self.queue.waiting += 1
        try:
            await self.queue.turn.acquire()
        finally:
            self.queue.waiting -= 1
        wait_seconds = max(purse.wait_seconds(key) for purse, key in self.purses)
        if wait_seconds and not self.is_let_through:
            self.queue.turn.release()
            seconds = math.ceil(wait_seconds)
            raise Refused(HTTPStatus.TOO_MANY_REQUESTS, _SPENT.format(seconds=seconds), retry_seconds=seconds)
        self.is_let_through = True

    def leave(self, cpu_seconds: float) -> None:
        """Books what it took, and lets the caller's next work begin."""
        for purse, key in self.purses:
            purse.spend(key, cpu_seconds)
        self.queue.turn.release()


def _buckets(clock: Clock, seconds_per_minute: float) -> TokenBuckets:
    return TokenBuckets(clock, per_minute=seconds_per_minute, burst=_BURST_MINUTES * seconds_per_minute)
