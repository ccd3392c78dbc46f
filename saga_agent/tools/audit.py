"""Entries of the audit: their ids are derived, so that a decision taken twice over is stored once."""

from __future__ import annotations

from saga_agent.domain.journal import Run
from saga_agent.domain.permissions import AuditEntry, AuditEvent, Grant
from saga_agent.domain.requests import Approval, Edit, Question, Reply, Request
from saga_agent.ids import derived_id
from saga_agent.tools.context import ToolContext


def audit_entry(
    context: ToolContext,
    event: AuditEvent,
    *,
    at: float,
    tool: str,
    rule: str,
    arguments_hash: str,
    actor: str = "",
    detail: str = "",
    part: str = "",
) -> AuditEntry:
    """An entry on a call; `part` tells several of one event apart."""
    return AuditEntry(
        id=derived_id("aud", context.run_id, context.call_id, event, part),
        at=at,
        owner_id=context.owner_id,
        project_id=context.project_id,
        thread_id=context.thread_id,
        run_id=context.run_id,
        call_id=context.call_id,
        agent_path=context.path,
        event=event,
        tool=tool,
        rule=rule,
        actor=actor or context.agent,
        arguments_hash=arguments_hash,
        detail=detail,
    )


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
