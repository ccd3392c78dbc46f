"""The audit: every decision on a call."""

from __future__ import annotations

from collections.abc import Sequence

from saga_agent.domain.permissions import AuditEntry
from saga_agent.domain.record import Page
from saga_agent.storage.memory.paging import page
from saga_agent.storage.memory.tables import Tables


class MemoryAudit:
    """Entries in the order of their time, and of their storing within a moment."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add(self, entries: Sequence[AuditEntry]) -> None:
        self._tables.add_audit(entries)

    async def list(
        self,
        owner_id: str,
        *,
        run_id: str | None = None,
        thread_id: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Page[AuditEntry]:
        found = (
            (number, entry)
            for number, entry in self._tables.audit.values()
            if entry.owner_id == owner_id and run_id in (None, entry.run_id) and thread_id in (None, entry.thread_id)
        )
        numbered = page(found, key=lambda row: (row[1].at, row[0]), after=after, limit=limit)
        return Page(tuple(entry for _, entry in numbered.items), numbered.next)
