"""Projects, the only story rows without a project above them."""

from __future__ import annotations

from saga_agent.domain.project import Project
from saga_agent.domain.record import Page
from saga_agent.errors import AlreadyExists, Conflict, NotFound
from saga_agent.storage.memory.detached import detached
from saga_agent.storage.memory.paging import page


class MemoryProjects:
    """The projects of all owners."""

    def __init__(self) -> None:
        self._rows: dict[str, Project] = {}

    async def create(self, project: Project) -> Project:
        if project.id in self._rows:
            raise AlreadyExists("project", project.id)
        self._rows[project.id] = detached(project)
        return project

    async def get(self, project_id: str) -> Project:
        return detached(self._stored(project_id))

    async def list(self, owner_id: str, *, after: str | None = None, limit: int = 100) -> Page[Project]:
        owned = (project for project in self._rows.values() if project.owner_id == owner_id)
        return page(owned, key=lambda project: (project.id,), after=after, limit=limit)

    async def update(self, project: Project, *, expected_rev: int) -> Project:
        current = self._stored(project.id).rev
        if current != expected_rev:
            raise Conflict("project", project.id, expected_rev=expected_rev, current_rev=current)
        changed = project.model_copy(update={"rev": expected_rev + 1})
        self._rows[project.id] = detached(changed)
        return changed

    async def delete(self, project_id: str) -> None:
        self._stored(project_id)
        del self._rows[project_id]

    def _stored(self, project_id: str) -> Project:
        try:
            return self._rows[project_id]
        except KeyError:
            raise NotFound("project", project_id) from None
