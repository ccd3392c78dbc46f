"""Rate limits: token buckets in the memory of one process."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from saga_agent.clock import Clock

_MAX_KEYS: Final = 100_000


class TokenBuckets:
    """A bucket a key: so many requests at once, then so many a minute.

    The keys used least lately are forgotten when there are too many, so that a flood of addresses takes no memory.
    """

    def __init__(self, clock: Clock, *, per_minute: float, burst: int) -> None:
        self._clock, self._per_second, self._burst = clock, per_minute / 60, burst
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """Key -> tokens left, and when that was."""

    def take(self, key: str) -> float:
        """0 when the request may go on; otherwise the seconds until it may."""
        now = self._clock.now()
        level, at = self._levels.pop(key, (float(self._burst), now))
        level = min(self._burst, level + max(0.0, now - at) * self._per_second)
        wait_seconds = 0.0 if level >= 1 else (1 - level) / self._per_second
        self._levels[key] = (level if wait_seconds else level - 1, now)
        if len(self._levels) > _MAX_KEYS:
            self._levels.popitem(last=False)
        return wait_seconds
