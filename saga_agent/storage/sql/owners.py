"""What the journal keeps of each owner."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.tables import OWNERS
from saga_agent.storage.sql.upserts import insert_new

_ADD = insert_new(OWNERS, ("owner_id", "default_project_id"))


class SqlOwners:
    """One row an owner."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find_default_project(self, owner_id: str) -> str | None:
        return await self._database.read(lambda conn: _default_project(conn, owner_id))

    async def claim_default_project(self, owner_id: str, project_id: str, *, instead_of: str | None) -> str:
        named = {"owner_id": owner_id, "default_project_id": project_id}
        change = update(OWNERS).where(OWNERS.c.owner_id == owner_id, OWNERS.c.default_project_id == instead_of)

        def job(conn: Connection) -> str:
            conn.execute(_ADD, named)
            if instead_of is not None:
                conn.execute(change.values(default_project_id=project_id))
            return _default_project(conn, owner_id) or project_id

        return await self._database.write(job)


def _default_project(conn: Connection, owner_id: str) -> str | None:
    return conn.execute(select(OWNERS.c.default_project_id).where(OWNERS.c.owner_id == owner_id)).scalar()
