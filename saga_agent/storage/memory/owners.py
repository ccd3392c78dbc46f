"""What the journal keeps of each owner, and the tokens it denies."""

from __future__ import annotations

from collections.abc import Sequence

from saga_agent.storage.memory.tables import Tables


class MemoryOwners:
    """Default projects by owner."""

    def __init__(self, tables: Tables) -> None:
        self._default_projects = tables.default_projects

    async def find_default_project(self, owner_id: str) -> str | None:
        return self._default_projects.get(owner_id)

    async def claim_default_project(self, owner_id: str, project_id: str, *, instead_of: str | None) -> str:
        if self._default_projects.get(owner_id) in (None, instead_of):
            self._default_projects[owner_id] = project_id
        return self._default_projects[owner_id]


class MemoryDenials:
    """Keys and their ends."""

    def __init__(self) -> None:
        self._ends: dict[str, float] = {}

    async def add(self, key: str, *, until: float, now: float) -> None:
        self._ends = {each: end for each, end in self._ends.items() if end > now}
        self._ends[key] = max(until, self._ends.get(key, until))

    async def find(self, keys: Sequence[str], *, now: float) -> str | None:
        return next((key for key in keys if self._ends.get(key, now) > now), None)
