"""What a writer grants beyond one call, in which words and how it ends; and what answers leave in the audit."""

from __future__ import annotations

from collections.abc import Sequence

from saga_agent.clock import Clock
from saga_agent.domain.given import given_id
from saga_agent.domain.journal import Run
from saga_agent.domain.permissions import AuditEntry, Grant, GrantScope
from saga_agent.domain.record import canonical_json
from saga_agent.domain.requests import Approval, Edit, GrantTerms, Question, Reply, Request, check_terms
from saga_agent.errors import NotFound
from saga_agent.ids import derived_id
from saga_agent.storage.ports.journal import Journal

_SCOPES: dict[GrantScope, str] = {"run": "this turn", "thread": "this thread", "project": "this project"}
_SHOWN = 200


def grant_of(approval: Approval, terms: GrantTerms, *, root: Run, actor: str, now: float) -> Grant:
    """The grant that comes with an approval on these terms; `root` is the run that the writer started.

    Raises: `InvalidInput` for a call that asks each time, or a pattern for an argument it does not have.
    """
    check_terms(approval, terms)
    scope_ids: dict[GrantScope, str] = {"run": root.id, "thread": root.thread_id, "project": root.project_id}
    return Grant(
        id=derived_id("grt", approval.id),
        owner_id=root.owner_id,
        agent=approval.agent,
        tool=approval.tool,
        tool_version=approval.tool_version,
        scope=terms.scope,
        scope_id=scope_ids[terms.scope],
        arguments_hash=approval.arguments_hash if terms.patterns is None else None,
        patterns=terms.patterns or {},
        request_id=approval.id,
        text=grant_text(approval, terms),
        created_by=actor,
        created_at=now,
        expires_at=None if terms.expires_in_seconds is None else now + terms.expires_in_seconds,
    )


def grant_text(approval: Approval, terms: GrantTerms) -> str:
    """What would be granted, in the words that are shown to the writer and stored."""
    if terms.patterns is None:
        shown = canonical_json(approval.arguments)
        about = f"with exactly {shown if len(shown) <= _SHOWN else shown[:_SHOWN] + '...'}"
    elif terms.patterns:
        about = "with " + " and ".join(f"{name} like {pattern!r}" for name, pattern in terms.patterns.items())
        about += ", other arguments free" if len(terms.patterns) < len(approval.arguments) else ""
    else:
        about = "with any arguments"
    until = "" if terms.expires_in_seconds is None else f", for {_duration(terms.expires_in_seconds)}"
    return f"{approval.agent} may call {approval.tool} {about}, in {_SCOPES[terms.scope]}{until}, without asking."


class GrantService:
    """The grants of one owner: what there is, and taking it back."""

    def __init__(self, journal: Journal, clock: Clock, owner_id: str) -> None:
        self._journal, self._clock, self._owner_id = journal, clock, owner_id

    async def list(self, *, scope_id: str | None = None, all: bool = False) -> Sequence[Grant]:
        """The grants in force, of a run, thread or project where its id is given; with `all`, ended ones too."""
        now = self._clock.now()
        found = await self._journal.grants.list(self._owner_id, scope_id=scope_id)
        return [grant for grant in found if all or _in_force(grant, now)]

    async def revoke(self, grant_id: str, *, actor: str | None = None) -> Grant:
        """Ends a grant at once, also for calls that are queued already; may be repeated. `NotFound`."""
        grant = await self._journal.grants.get(given_id(grant_id, "The grant's id"))
        if grant.owner_id != self._owner_id:
            raise NotFound("grant", grant_id)
        by, now = actor or self._owner_id, self._clock.now()
        run = await self._run_of(grant)
        entry = AuditEntry(
            id=derived_id("aud", grant.id, "revoked"),
            at=now,
            owner_id=grant.owner_id,
            project_id=run.project_id if run else grant.scope_id,
            thread_id=run.thread_id if run else "",
            run_id=run.id if run else "",
            agent_path=(grant.agent,),
            event="revoked",
            tool=grant.tool,
            rule=f"grant {grant.id}",
            actor=by,
            arguments_hash=grant.arguments_hash or "",
            detail=grant.text,
        )
        return await self._journal.grants.revoke(grant_id, by=by, now=now, audit=[entry])

    async def _run_of(self, grant: Grant) -> Run | None:
        try:
            return await self._journal.runs.get((await self._journal.requests.get(grant.request_id)).run_id)
        except NotFound:  # the thread was deleted; a grant for the project outlives it
            return None


def _in_force(grant: Grant, now: float) -> bool:
    return grant.revoked_at is None and (grant.expires_at is None or grant.expires_at > now)


def _duration(seconds: float) -> str:
    for size, name in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:g} {name}" if seconds % size == 0 else f"{seconds / size:.1f} {name}"
    return f"{seconds:g} seconds"


def answer_entries(
    run: Run, request: Request, reply: Reply, *, grant: Grant | None, actor: str, at: float
) -> list[AuditEntry]:
    """What an answer leaves behind: the answer itself, and the grant that came with it."""
    about = {
        "owner_id": run.owner_id,
        "project_id": run.project_id,
        "thread_id": request.thread_id,
        "run_id": request.run_id,
        "call_id": request.call_id,
        "agent_path": request.agent_path or (request.agent,),
        "tool": "ask_question" if isinstance(request, Question) else request.tool,
        "arguments_hash": request.arguments_hash if isinstance(request, Approval) else "",
        "actor": actor,
        "at": at,
    }
    detail = "with other arguments" if isinstance(reply, Edit) else str(getattr(reply, "feedback", ""))
    answered = {"id": derived_id("aud", request.id, "answered"), "event": "answered", "rule": reply.kind}
    entries = [AuditEntry.model_validate(about | answered | {"detail": detail})]
    if grant is not None:
        granted = {"id": derived_id("aud", request.id, "granted"), "event": "granted", "rule": f"grant {grant.id}"}
        entries.append(AuditEntry.model_validate(about | granted | {"detail": grant.text}))
    return entries
