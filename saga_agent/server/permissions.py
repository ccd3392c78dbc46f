"""The routes of what was allowed: grants, which may be taken back, and the audit of every decision."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from saga_agent.actor import Actor
from saga_agent.domain.given_ids import GIVEN_ID, MAX_ID_CHARACTERS
from saga_agent.domain.permissions import AuditEntry, Grant
from saga_agent.errors import InvalidInput
from saga_agent.server.border import Border, named
from saga_agent.server.callers import caller_of
from saga_agent.server.problems import problem_responses
from saga_agent.server.records import After, Limit, ProjectFilter, RecordPage
from saga_agent.server.threads import thread_of

RunFilter = Annotated[str | None, Query(alias="runId", description="Only of the run with this id.")]
ChatFilter = Annotated[
    str | None, Query(alias="chatId", pattern=GIVEN_ID, max_length=MAX_ID_CHARACTERS, description="Only of this chat.")
]


class GrantList(BaseModel):
    """Grants, the newest first."""

    items: list[Grant]


def permission_routes(border: Border) -> APIRouter:
    """The routes `/grants` and `/audit`."""
    router = APIRouter(route_class=border.data_route("read"), responses=problem_responses(400, 404))
    router.add_api_route(
        "/grants",
        _list_grants,
        methods=["GET"],
        tags=["grants"],
        response_model=GrantList,
        **named("listGrants", "List grants"),
    )
    router.add_api_route(
        "/audit",
        _list_audit,
        methods=["GET"],
        tags=["audit"],
        response_model=RecordPage[AuditEntry],
        **named("listAudit", "List decisions on calls"),
    )
    changes = APIRouter(route_class=border.data_route("write"), responses=problem_responses(404))
    changes.add_api_route(
        "/grants/{grant_id}/revoke",
        _revoke,
        methods=["POST"],
        tags=["grants"],
        response_model=Grant,
        **named("revokeGrant", "Take a grant back"),
    )
    both = APIRouter()
    both.include_router(router)
    both.include_router(changes)
    return both


async def _list_grants(
    request: Request,
    project_id: ProjectFilter = None,
    chat_id: ChatFilter = None,
    run_id: RunFilter = None,
    ended: Annotated[bool, Query(alias="all", description="Also those that were revoked or have expired.")] = False,
) -> GrantList:
    """The grants in force: all of the owner's, or those given for one project, chat or run."""
    actor = caller_of(request).actor
    scope_id = await _scope(actor, project_id=project_id, chat_id=chat_id, run_id=run_id)
    return GrantList(items=list(await actor.grants.list(scope_id=scope_id, all=ended)))


async def _revoke(request: Request, grant_id: str) -> Grant:
    """Take the grant back: such calls ask again, those that are queued, too. It may be repeated."""
    return await caller_of(request).actor.grants.revoke(grant_id)


async def _list_audit(
    request: Request, chat_id: ChatFilter = None, run_id: RunFilter = None, after: After = None, limit: Limit = 100
) -> RecordPage[AuditEntry]:
    """A page of who or what decided on which call, the oldest first."""
    actor = caller_of(request).actor
    thread_id = None if chat_id is None else (await thread_of(actor, chat_id)).id
    page = await actor.audit(run_id=run_id, thread_id=thread_id, after=after, limit=limit)
    return RecordPage(items=list(page.items), next=page.next)


async def _scope(actor: Actor, *, project_id: str | None, chat_id: str | None, run_id: str | None) -> str | None:
    """The id of what the grants are asked for, which is the owner's; None for all."""
    if sum(each is not None for each in (project_id, chat_id, run_id)) > 1:
        raise InvalidInput("Name a project, a chat or a run; a grant is given for one of them.")
    if project_id is not None:
        return (await actor.story.projects.get(project_id)).id
    if chat_id is not None:
        return (await thread_of(actor, chat_id)).id
    return None if run_id is None else (await actor.run(run_id)).id
