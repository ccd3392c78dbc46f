"""Answers: a batch of replies checked against what was asked, with the grants and audit entries they leave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from saga_agent.domain.journal import Run
from saga_agent.domain.permissions import AuditEntry, Grant
from saga_agent.domain.requests import Approval, Approve, Edit, Reply, Request, check_reply
from saga_agent.errors import InvalidInput
from saga_agent.journal.permissions import answer_entries, grant_of
from saga_agent.tools.registry import Tool
from saga_agent.tools.result import ToolFailure

FindTool = Callable[[Approval], Tool | None]
"""The tool that was asked for; None where this process does not know it."""


def _knows_none(approval: Approval) -> Tool | None:
    """Knows no tool: edits are checked when they are taken up."""


@dataclass(slots=True, kw_only=True)
class Answers:
    """What is stored of one person's answers, in one transaction."""

    run: Run
    """The run whose requests, or whose subagents' requests, are answered."""
    root: Run
    """The run the writer started: what a grant for a run, thread or project is for."""
    actor: str
    at: float
    grants: list[Grant] = field(default_factory=list[Grant])
    audit: list[AuditEntry] = field(default_factory=list[AuditEntry])
    find_tool: FindTool = _knows_none

    def add(self, request: Request, reply: Reply) -> None:
        """Takes in one reply; `InvalidInput` when it does not fit what was asked."""
        check_reply(request, reply)
        if isinstance(request, Approval) and isinstance(reply, Edit):
            self._check_edit(request, reply)
        grant: Grant | None = None
        if isinstance(request, Approval) and isinstance(reply, Approve) and reply.grant is not None:
            grant = grant_of(request, reply.grant, root=self.root, actor=self.actor, now=self.at)
            self.grants.append(grant)
        self.audit += answer_entries(self.run, request, reply, grant=grant, actor=self.actor, at=self.at)

    def _check_edit(self, request: Approval, edit: Edit) -> None:
        """Raises `InvalidInput` for arguments that the tool would not take, while who edits is there."""
        tool = self.find_tool(request)
        if tool is None:
            return
        try:
            tool.validate(edit.arguments)
        except ToolFailure as failure:
            raise InvalidInput(f"These arguments cannot be used: {failure.message}") from None
