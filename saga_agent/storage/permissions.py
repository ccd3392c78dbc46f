"""The journal's permissions: what the writer is asked and answers, what stands for an answer, and what was decided.

They are stored together: an answer with the grants it gives and the audit entries about it, in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from saga_agent.domain.permissions import AuditEntry, Grant
from saga_agent.domain.record import Page
from saga_agent.domain.requests import Reply, Request, RequestState


class Requests(Protocol):
    """Approvals and questions: the row is the truth about what was asked and answered."""

    async def open(self, request: Request, *, epoch: int, audit: Sequence[AuditEntry] = ()) -> Request:
        """Stores the request with its audit entries, or gives the stored one when the id is there.

        The id is there when a node runs again; nothing is stored then. `StaleEpoch`; a new request of an ended run
        raises `RunFailed`.
        """
        ...

    async def get(self, request_id: str) -> Request:
        """The request; `NotFound`."""
        ...

    async def list(
        self,
        *,
        run_id: str | None = None,
        root_run_id: str | None = None,
        thread_id: str | None = None,
        states: Sequence[RequestState] = (),
    ) -> Sequence[Request]:
        """The requests that match, oldest first."""
        ...

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
        """Stores the replies to pending requests of that run or of its tree (`root_run_id`), all or none.

        Grants and audit entries are stored with them, only those whose `request_id` (a grant's) or `id` is new. The
        runs of the requests that are `waiting` become `queued`; their ids are given. `NotFound` for a request that is
        not of this run or tree; `RequestClosed` for one that is not pending, or whose `expires_at` has come, except
        that the same reply again is success until it has been taken up.
        """
        ...

    async def close(
        self, request_id: str, *, state: Literal["superseded", "expired"], epoch: int, audit: Sequence[AuditEntry] = ()
    ) -> Request:
        """Ends a request that is pending or answered, and gives it; an ended one is given as stored.

        `NotFound`; `StaleEpoch` by its run.
        """
        ...

    async def expire(self, *, now: float) -> Sequence[str]:
        """Marks pending requests whose `expires_at` has come as `expired`; their `waiting` runs become `queued`.

        Gives the ids of those runs.
        """
        ...


class Grants(Protocol):
    """A writer's standing approvals; they are stored by `Requests.answer`."""

    async def get(self, grant_id: str) -> Grant:
        """The grant, revoked ones too; `NotFound`."""
        ...

    async def list(self, owner_id: str, *, scope_id: str | None = None) -> Sequence[Grant]:
        """All grants of the owner, revoked and expired ones too, the newest first."""
        ...

    async def in_force(self, owner_id: str, scope_ids: Sequence[str], *, tool: str, now: float) -> Sequence[Grant]:
        """The owner's grants for that tool in those scopes that are neither revoked nor expired at `now`, by id."""
        ...

    async def revoke(self, grant_id: str, *, by: str, now: float, audit: Sequence[AuditEntry] = ()) -> Grant:
        """Ends the grant; one that is revoked already is given as stored; `NotFound`."""
        ...


class Audit(Protocol):
    """Every decision on a call; entries are added with what they are about, and never changed."""

    async def add(self, entries: Sequence[AuditEntry]) -> None:
        """Stores the entries whose id is new."""
        ...

    async def list(
        self,
        owner_id: str,
        *,
        run_id: str | None = None,
        thread_id: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Page[AuditEntry]:
        """The owner's entries that match, oldest first, those of one moment in the order they were added."""
        ...
