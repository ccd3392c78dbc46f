"""The journal's deny-list: sessions and people whose tokens still look valid, and are not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Denials(Protocol):
    """Keys that let nobody in until a moment, e.g. `session/ID`."""

    async def add(self, key: str, *, until: float, now: float) -> None:
        """Denies the key until then; a later end stays. Keys whose end has come at `now` are forgotten."""
        ...

    async def find(self, keys: Sequence[str], *, now: float) -> str | None:
        """The first of the keys that is denied at `now`."""
        ...
