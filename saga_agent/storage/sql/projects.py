"""Projects, the only story rows without a project above them."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from saga_agent.domain.project import Project
from saga_agent.domain.record import Page
from saga_agent.errors import NotFound
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.paging import Pages
from saga_agent.storage.sql.prepared import Prepared
from saga_agent.storage.sql.revisions import change, put_in, take_out
from saga_agent.storage.sql.rows import Shape
from saga_agent.storage.sql.tables import PROJECTS

_SHAPE = Shape(Project, PROJECTS)
_GET = Prepared(select(PROJECTS).where(PROJECTS.c.id == bindparam("of_id")))
_LIST = Pages(list(PROJECTS.c), _SHAPE.record, order=[PROJECTS.c.id])


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
            row = _GET.record(conn, {"of_id": project_id})
            if row is None:
                raise NotFound("project", project_id)
            return _SHAPE.record(row)

        return await self._database.read(job)

    async def list(self, owner_id: str, *, after: str | None = None, limit: int = 100) -> Page[Project]:
        wanted = {"owner_id": owner_id}
        return await self._database.read(lambda conn: _LIST.read(conn, wanted, after=after, limit=limit))

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
