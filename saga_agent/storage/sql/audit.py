"""The audit: every decision on a call."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from saga_agent.domain.permissions import AuditEntry
from saga_agent.domain.record import Page
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.paging import Pages
from saga_agent.storage.sql.prepared import Prepared
from saga_agent.storage.sql.rows import Shape
from saga_agent.storage.sql.tables import AUDIT
from saga_agent.storage.sql.upserts import insert_new

_SHAPE = Shape(AuditEntry, AUDIT, lean=True)
_ADD = Prepared(insert_new(AUDIT, (*_SHAPE.columns, "body")))
_LIST = Pages(list(AUDIT.c), _SHAPE.record, order=[AUDIT.c.at, AUDIT.c.key])


class SqlAudit:
    """Entries in the order of their time, and of their storing within a moment."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, entries: Sequence[AuditEntry]) -> None:
        rows = audit_rows(entries)
        await self._database.write(lambda conn: add_audit(conn, rows))

    async def list(
        self,
        owner_id: str,
        *,
        run_id: str | None = None,
        thread_id: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Page[AuditEntry]:
        wanted = {"owner_id": owner_id, "run_id": run_id, "thread_id": thread_id}
        where = {name: value for name, value in wanted.items() if value is not None}
        return await self._database.read(lambda conn: _LIST.read(conn, where, after=after, limit=limit))


def audit_rows(entries: Sequence[AuditEntry]) -> list[dict[str, object]]:
    """The entries as `add_audit` takes them; `InvalidInput` for text that no database holds."""
    return [_SHAPE.row(entry) for entry in entries]


def add_audit(conn: Connection, rows: list[dict[str, object]]) -> None:
    """Stores the entries whose id is new."""
    _ADD.many(conn, rows)
