"""Grants: standing approvals, stored with the answers that gave them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, or_, select, update

from saga_agent.domain.permissions import AuditEntry, Grant
from saga_agent.errors import NotFound
from saga_agent.storage.sql.audit import add_audit, audit_rows
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.rows import Shape
from saga_agent.storage.sql.tables import GRANTS
from saga_agent.storage.sql.upserts import insert_new

_SHAPE = Shape(Grant, GRANTS, lean=True)
_ADD = insert_new(GRANTS, (*_SHAPE.columns, "body"))


class SqlGrants:
    """A writer's standing approvals."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, grant_id: str) -> Grant:
        return await self._database.read(lambda conn: _stored(conn, grant_id))

    async def list(self, owner_id: str, *, scope_id: str | None = None) -> Sequence[Grant]:
        query = select(GRANTS).where(GRANTS.c.owner_id == owner_id)
        if scope_id is not None:
            query = query.where(GRANTS.c.scope_id == scope_id)
        query = query.order_by(GRANTS.c.created_at.desc(), GRANTS.c.id.desc())
        return await self._database.read(lambda conn: [_SHAPE.model(row) for row in conn.execute(query)])

    async def in_force(self, owner_id: str, scope_ids: Sequence[str], *, tool: str, now: float) -> Sequence[Grant]:
        query = select(GRANTS).where(
            GRANTS.c.scope_id.in_(scope_ids),
            GRANTS.c.tool == tool,
            GRANTS.c.owner_id == owner_id,
            GRANTS.c.revoked_at.is_(None),
            or_(GRANTS.c.expires_at.is_(None), GRANTS.c.expires_at > now),
        )
        query = query.order_by(GRANTS.c.id)
        return await self._database.read(lambda conn: [_SHAPE.model(row) for row in conn.execute(query)])

    async def revoke(self, grant_id: str, *, by: str, now: float, audit: Sequence[AuditEntry] = ()) -> Grant:
        entries = audit_rows(audit)
        standing = (GRANTS.c.id == grant_id, GRANTS.c.revoked_at.is_(None))

        def job(conn: Connection) -> Grant:
            row = conn.execute(
                update(GRANTS).where(*standing).values(revoked_at=now, revoked_by=by).returning(*GRANTS.c)
            ).first()
            if row is None:
                return _stored(conn, grant_id)
            add_audit(conn, entries)
            return _SHAPE.model(row)

        return await self._database.write(job)


def grant_rows(grants: Sequence[Grant]) -> list[dict[str, object]]:
    """The grants as `add_grants` takes them; `InvalidInput` for text that no database holds."""
    return [_SHAPE.row(grant) for grant in grants]


def add_grants(conn: Connection, rows: list[dict[str, object]]) -> None:
    """Stores the grants whose request gave none before."""
    if rows:
        conn.execute(_ADD, rows)


def _stored(conn: Connection, grant_id: str) -> Grant:
    row = conn.execute(select(GRANTS).where(GRANTS.c.id == grant_id)).first()
    if row is None:
        raise NotFound("grant", grant_id)
    return _SHAPE.model(row)
