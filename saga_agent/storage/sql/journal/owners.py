"""What the journal keeps of each owner, and the tokens it denies."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select, text, update

from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.engine.statements import insert_new
from saga_agent.storage.sql.tables.definitions import DENIALS, OWNERS

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


_DENY = text(
    "INSERT INTO saga_denials (id, until) VALUES (:id, :until)"
    " ON CONFLICT (id) DO UPDATE SET until = excluded.until WHERE excluded.until > saga_denials.until"
)


class SqlDenials:
    """Keys and their ends."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, key: str, *, until: float, now: float) -> None:
        def job(conn: Connection) -> None:
            conn.execute(delete(DENIALS).where(DENIALS.c.until <= now))
            conn.execute(_DENY, {"id": key, "until": until})

        await self._database.write(job)

    async def find(self, keys: Sequence[str], *, now: float) -> str | None:
        query = select(DENIALS.c.id).where(DENIALS.c.id.in_(keys), DENIALS.c.until > now)

        def job(conn: Connection) -> str | None:
            denied = set(conn.execute(query).scalars())
            return next((key for key in keys if key in denied), None)

        return await self._database.read(job)
