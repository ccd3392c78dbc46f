"""What the writer is asked and answers, the grants that stand for answers, and the audit of every decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from saga_agent.domain.permissions import AuditEntry, Grant
from saga_agent.domain.record import Page
from saga_agent.domain.requests import Reply, Request, RequestState
from saga_agent.domain.run_rules import has_ended, is_over, takes_answer
from saga_agent.errors import NotFound, RunFailed
from saga_agent.storage.memory.story import page
from saga_agent.storage.memory.tables import Tables, detached


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


class MemoryRequests:
    """Approvals, questions and calls that run on the page."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def open(self, request: Request, *, epoch: int, audit: Sequence[AuditEntry] = ()) -> Request:
        run = self._tables.fenced(request.run_id, epoch)
        if request.id not in self._tables.requests:
            if has_ended(run.state):
                raise RunFailed(run.id, run.state, run.reason)
            self._tables.requests[request.id] = detached(request)
            self._tables.add_audit(audit)
        return detached(self._tables.requests[request.id])

    async def get(self, request_id: str) -> Request:
        return detached(self._stored(request_id))

    async def list(
        self,
        *,
        run_id: str | None = None,
        root_run_id: str | None = None,
        thread_id: str | None = None,
        states: Sequence[RequestState] = (),
    ) -> Sequence[Request]:
        found = [
            detached(request)
            for request in self._tables.requests.values()
            if run_id in (None, request.run_id)
            and root_run_id in (None, request.root_run_id or request.run_id)
            and thread_id in (None, request.thread_id)
            and (not states or request.state in states)
        ]
        return sorted(found, key=lambda request: (request.created_at, request.id))

    async def answer(
        self,
        run_id: str,
        replies: Mapping[str, Reply],
        *,
        actor: str,
        now: float,
        grants: Sequence[Grant] = (),
        audit: Sequence[AuditEntry] = (),
    ) -> Sequence[str]:
        answered: list[Request] = []
        for request_id, reply in replies.items():
            request = self._stored(request_id)
            if run_id not in (request.run_id, request.root_run_id):
                raise NotFound("request", request_id)
            if takes_answer(request, reply, now=now):
                changes = {"state": "answered", "reply": reply, "actor": actor, "answered_at": now}
                answered.append(detached(request.model_copy(update=changes)))
        self._tables.requests |= {request.id: request for request in answered}
        self._add_grants(grants)
        self._tables.add_audit(audit)
        return self._wake(answered)

    async def close(
        self, request_id: str, *, state: Literal["superseded", "expired"], epoch: int, audit: Sequence[AuditEntry] = ()
    ) -> Request:
        request = self._stored(request_id)
        self._tables.fenced(request.run_id, epoch)
        if request.state in ("pending", "answered"):
            request = request.model_copy(update={"state": state})
            self._tables.requests[request_id] = request
            self._tables.add_audit(audit)
        return detached(request)

    async def expire(self, *, now: float) -> Sequence[str]:
        over = [each for each in self._tables.requests.values() if each.state == "pending" and is_over(each, now=now)]
        self._tables.requests |= {each.id: each.model_copy(update={"state": "expired"}) for each in over}
        return self._wake(over)

    def _stored(self, request_id: str) -> Request:
        try:
            return self._tables.requests[request_id]
        except KeyError:
            raise NotFound("request", request_id) from None

    def _wake(self, requests: Iterable[Request]) -> Sequence[str]:
        """Queues the runs of the requests that wait, and gives their ids."""
        run_ids = sorted({request.run_id for request in requests})
        return [run_id for run_id in run_ids if self._tables.wake(run_id)]

    def _add_grants(self, grants: Sequence[Grant]) -> None:
        for grant in grants:
            if all(stored.request_id != grant.request_id for stored in self._tables.grants.values()):
                self._tables.grants.setdefault(grant.id, detached(grant))
