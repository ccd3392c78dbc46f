"""The history of what agents changed, as a writer reads it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Protocol

from saga_agent.domain.history import Change, RecordKind
from saga_agent.domain.record import Page, Record
from saga_agent.storage.ports.journal import Changes
from saga_agent.story.access import OwnerPorts
from saga_agent.story.changelog import reconcile

_ONE_PAGE = 500


class Finder(Protocol):
    """What the history needs of a record's service."""

    async def find(self, project_id: str, record_id: str) -> Record | None:
        """The record, if there is one."""
        ...


class HistoryService:
    """The changes of one owner's projects."""

    def __init__(self, access: OwnerPorts, changes: Changes, records: Mapping[RecordKind, Finder]) -> None:
        self._access, self._changes, self._records = access, changes, records

    async def list(
        self,
        project_id: str,
        *,
        record_id: str | None = None,
        run_id: str | None = None,
        call_id: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Page[Change]:
        """A page of what agents changed, the newest first: in all the project, one record, one run or one call."""
        await self._access.project(project_id)
        if after is None:
            pending = await self._changes.list(project_id, states=("intended",), limit=_ONE_PAGE)
            await self._settle(pending.items)
        return await self._changes.list(
            project_id, record_id=record_id, run_id=run_id, call_id=call_id, states=("done",), after=after, limit=limit
        )

    async def all(
        self, project_id: str, *, record_id: str | None = None, run_id: str | None = None, call_id: str | None = None
    ) -> AsyncIterator[Change]:
        """All changes that match, the newest first."""
        after: str | None = None
        while True:
            page = await self.list(
                project_id, record_id=record_id, run_id=run_id, call_id=call_id, after=after, limit=_ONE_PAGE
            )
            for change in page.items:
                yield change
            if page.next is None:
                return
            after = page.next

    async def get(self, project_id: str, change_id: str) -> Change:
        """The change; `NotFound`."""
        await self._access.project(project_id)
        change = await self._changes.get(project_id, change_id)
        if change.state != "intended":
            return change
        await self._settle([change])
        return await self._changes.get(project_id, change_id)

    async def _settle(self, pending: Iterable[Change]) -> None:
        """Settles what a process that died left intended, as far as the records tell."""
        for change in {change.record_id: change for change in pending}.values():
            stored = await self._records[change.kind].find(change.project_id, change.record_id)
            await reconcile(self._changes, change.project_id, change.record_id, stored)
