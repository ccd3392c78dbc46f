"""The deny-list."""

from __future__ import annotations

from collections.abc import Sequence


class MemoryDenials:
    """Keys and their ends."""

    def __init__(self) -> None:
        self._ends: dict[str, float] = {}

    async def add(self, key: str, *, until: float, now: float) -> None:
        self._ends = {each: end for each, end in self._ends.items() if end > now}
        self._ends[key] = max(until, self._ends.get(key, until))

    async def find(self, keys: Sequence[str], *, now: float) -> str | None:
        return next((key for key in keys if self._ends.get(key, now) > now), None)
