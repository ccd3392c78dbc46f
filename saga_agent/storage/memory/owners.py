"""What the journal keeps of each owner."""

from __future__ import annotations

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
