"""Projects, the only story rows without a project above them."""

from __future__ import annotations

from sqlalchemy import Connection, select

from saga_agent.domain.project import Project
from saga_agent.domain.record import Page
from saga_agent.errors import NotFound
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.paging import page
from saga_agent.storage.sql.revisions import change, put_in, take_out
from saga_agent.storage.sql.rows import Shape
from saga_agent.storage.sql.tables import PROJECTS

_SHAPE = Shape(Project, PROJECTS)


class SqlProjects:
    """The projects of all owners."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, project: Project) -> Project:
        row = _SHAPE.row(project)
        await self._database.write(lambda conn: put_in(conn, PROJECTS, row, kind="project", key=project.id))
        return project

    async def get(self, project_id: str) -> Project:
        def job(conn: Connection) -> Project:
            row = conn.execute(select(PROJECTS).where(PROJECTS.c.id == project_id)).first()
            if row is None:
                raise NotFound("project", project_id)
            return _SHAPE.model(row)

        return await self._database.read(job)

    async def list(self, owner_id: str, *, after: str | None = None, limit: int = 100) -> Page[Project]:
        query = select(PROJECTS).where(PROJECTS.c.owner_id == owner_id)

        def job(conn: Connection) -> Page[Project]:
            return page(conn, query, _SHAPE.model, order=[PROJECTS.c.id], after=after, limit=limit)

        return await self._database.read(job)

    async def update(self, project: Project, *, expected_rev: int) -> Project:
        changed = project.model_copy(update={"rev": expected_rev + 1})
        row, one = _SHAPE.row(changed), [PROJECTS.c.id == project.id]
        await self._database.write(
            lambda conn: change(conn, PROJECTS, one, row, expected_rev=expected_rev, kind="project", key=project.id)
        )
        return changed

    async def delete(self, project_id: str) -> None:
        one = [PROJECTS.c.id == project_id]
        await self._database.write(lambda conn: take_out(conn, PROJECTS, one, kind="project", key=project_id))
