"""Rate limits: token buckets in the memory of one process."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from saga_agent.clock import Clock

_MAX_KEYS: Final = 100_000


class TokenBuckets:
    """A bucket a key: so much at once, then so much a minute - of requests, or of seconds of computing.

    The keys used least lately are forgotten when there are too many, so that a flood of addresses takes no memory.
    """

    def __init__(self, clock: Clock, *, per_minute: float, burst: float) -> None:
        self._clock, self._per_second, self._burst = clock, per_minute / 60, burst
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """Key -> tokens left, and when that was."""

    def take(self, key: str) -> float:
        """Takes one: 0 when the request may go on; otherwise the seconds until it may."""
        level = self._level(key)
        wait_seconds = 0.0 if level >= 1 else (1 - level) / self._per_second
        self._set(key, level if wait_seconds else level - 1)
        return wait_seconds

    def spend(self, key: str, amount: float) -> None:
        """Takes that much, also when it is more than there is: then the next has to wait."""
        self._set(key, self._level(key) - amount)

    def wait_seconds(self, key: str) -> float:
        """How long until there is anything left; 0 when there is."""
        return max(0.0, -self._level(key) / self._per_second)

    def _level(self, key: str) -> float:
        now = self._clock.now()
        level, at = self._levels.get(key, (float(self._burst), now))
        return min(self._burst, level + max(0.0, now - at) * self._per_second)

    def _set(self, key: str, level: float) -> None:
        self._levels.pop(key, None)
        self._levels[key] = (level, self._clock.now())
        if len(self._levels) > _MAX_KEYS:
            self._levels.popitem(last=False)
