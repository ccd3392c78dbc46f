"""Grants: standing approvals, stored with the answers that gave them."""

from __future__ import annotations

from collections.abc import Sequence

from saga_agent.domain.permissions import AuditEntry, Grant
from saga_agent.errors import NotFound
from saga_agent.storage.memory.detached import detached
from saga_agent.storage.memory.tables import Tables


class MemoryGrants:
    """A writer's standing approvals."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def get(self, grant_id: str) -> Grant:
        return detached(self._stored(grant_id))

    async def list(self, owner_id: str, *, scope_id: str | None = None) -> Sequence[Grant]:
        found = [
            detached(grant)
            for grant in self._tables.grants.values()
            if grant.owner_id == owner_id and scope_id in (None, grant.scope_id)
        ]
        return sorted(found, key=lambda grant: (grant.created_at, grant.id), reverse=True)

    async def in_force(self, owner_id: str, scope_ids: Sequence[str], *, tool: str, now: float) -> Sequence[Grant]:
        found = [
            detached(grant)
            for grant in self._tables.grants.values()
            if (grant.owner_id, grant.tool) == (owner_id, tool)
            and grant.scope_id in scope_ids
            and grant.revoked_at is None
            and (grant.expires_at is None or grant.expires_at > now)
        ]
        return sorted(found, key=lambda grant: grant.id)

    async def revoke(self, grant_id: str, *, by: str, now: float, audit: Sequence[AuditEntry] = ()) -> Grant:
        grant = self._stored(grant_id)
        if grant.revoked_at is None:
            grant = grant.model_copy(update={"revoked_at": now, "revoked_by": by})
            self._tables.grants[grant_id] = grant
            self._tables.add_audit(audit)
        return detached(grant)

    def _stored(self, grant_id: str) -> Grant:
        try:
            return self._tables.grants[grant_id]
        except KeyError:
            raise NotFound("grant", grant_id) from None
