"""Entries of the audit: their ids are derived, so that a decision taken twice over is stored once."""

from __future__ import annotations

from saga_agent.domain.permissions import AuditEntry, AuditEvent
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
