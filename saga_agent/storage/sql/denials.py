"""The deny-list."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select, text

from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.tables import DENIALS

_ADD = text(
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
            conn.execute(_ADD, {"id": key, "until": until})

        await self._database.write(job)

    async def find(self, keys: Sequence[str], *, now: float) -> str | None:
        query = select(DENIALS.c.id).where(DENIALS.c.id.in_(keys), DENIALS.c.until > now)

        def job(conn: Connection) -> str | None:
            denied = set(conn.execute(query).scalars())
            return next((key for key in keys if key in denied), None)

        return await self._database.read(job)
