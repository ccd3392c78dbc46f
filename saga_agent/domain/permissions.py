"""Grants, which stand for a writer's repeated yes, and the audit, which holds every decision on a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from saga_agent.domain.patterns import matches_all
from saga_agent.domain.record import JsonObject, Model, content_hash

GrantScope = Literal["run", "thread", "project"]
AuditEvent = Literal["allowed", "asked", "answered", "refused", "granted", "revoked", "stale", "expired", "stopped"]


class Grant(Model):
    """A writer's yes to calls like one they approved; it never beats a deny, and never covers an each-time tool."""

    id: str
    owner_id: str
    agent: str
    """The only agent it serves."""
    tool: str
    tool_version: int = 1
    scope: GrantScope
    scope_id: str
    """The id of the run (the root of its tree), the thread, or the project."""
    arguments_hash: str | None = None
    """Set for a grant of these exact arguments."""
    patterns: Mapping[str, str] = Field(default_factory=dict)
    """For a grant of a pattern: by argument, what `Rule.arguments` would say. Arguments not named are free."""
    request_id: str
    """The approval it was given with."""
    text: str
    """What was granted, in the words the writer saw."""
    created_by: str
    created_at: float
    expires_at: float | None = None
    revoked_at: float | None = None
    revoked_by: str | None = None

    def covers(self, *, agent: str, tool: str, tool_version: int, arguments: JsonObject) -> bool:
        """Whether it stands for that call; whether it is still in force is for the journal to say."""
        if (agent, tool, tool_version) != (self.agent, self.tool, self.tool_version):
            return False
        if self.arguments_hash is not None:
            return self.arguments_hash == content_hash(arguments)
        return matches_all(self.patterns, arguments)


class AuditEntry(Model):
    """One decision on a call: what was decided, by whom or which rule, about which arguments."""

    id: str
    at: float
    owner_id: str
    project_id: str
    thread_id: str
    run_id: str
    call_id: str = ""
    agent_path: tuple[str, ...] = ()
    """From the agent the writer talks to down to the one that made the call."""
    event: AuditEvent
    tool: str = ""
    rule: str = ""
    """The deciding rule, grant or hook, in words."""
    actor: str = ""
    """Who: an agent's name, or the person who answered or revoked."""
    arguments_hash: str = ""
    detail: str = ""
