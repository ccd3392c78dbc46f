"""Approvals: the rows in which a writer's word on a call is asked for, checked against what is true now, and kept.

A call may need several in turn: an approval is used once, and one whose ground has changed is closed and asked anew.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from saga_agent.clock import Clock
from saga_agent.domain.permissions import Grant
from saga_agent.domain.record import JsonObject, canonical_json
from saga_agent.domain.requests import Approval, Deny, StopRun
from saga_agent.errors import NotFound
from saga_agent.ids import derived_id
from saga_agent.storage.ports.journal import Journal
from saga_agent.tools.audit import audit_entry
from saga_agent.tools.context import ToolContext
from saga_agent.tools.judgement import Case
from saga_agent.tools.registry import Tool
from saga_agent.tools.result import ToolFailure


@dataclass(frozen=True, slots=True)
class ApprovalState:
    """How a call's approval stands; without a request none is open, and the next one has that number."""

    number: int
    request: Approval | None = None


class Approvals:
    """The approvals of one runner's epoch."""

    def __init__(self, journal: Journal, clock: Clock, *, epoch: int, ttl_seconds: float | None) -> None:
        self._requests, self._clock, self._epoch, self._ttl_seconds = journal.requests, clock, epoch, ttl_seconds

    async def find(self, case: Case, context: ToolContext) -> ApprovalState:
        """The approval of the call that counts now: pending, answered or expired.

        One that was given for other arguments, another version of the tool or an older state of what it would change
        is closed here. `ToolFailure` when that state cannot be read.
        """
        standing = await self._latest(context)
        request = standing.request
        if request is None or request.state == "expired" or isinstance(request.reply, Deny | StopRun):
            return standing  # a no needs no second look
        if change := _changes(request, case) or await self._moved(request, case, context):
            await self._close_stale(request, case, context, change)
            return ApprovalState(standing.number + 1)
        if request.expires_at is not None and request.expires_at <= self._clock.now():
            closed = await self._requests.close(request.id, state="expired", epoch=self._epoch)
            return ApprovalState(standing.number, closed if isinstance(closed, Approval) else None)
        return standing

    async def open(self, case: Case, context: ToolContext, *, number: int, why: str) -> Approval:
        """Asks; the request is there when this returns. `ToolFailure` when the call could not be run either."""
        preview, resources = _split(await case.tool.build_preview(context, case.arguments), case.tool)
        now = self._clock.now()
        request = Approval(
            id=_id(context, number),
            run_id=context.run_id,
            thread_id=context.thread_id,
            call_id=context.call_id,
            agent=context.agent,
            root_run_id=context.root_run_id,
            agent_path=context.path,
            created_at=now,
            expires_at=None if self._ttl_seconds is None else now + self._ttl_seconds,
            tool=case.tool.name,
            tool_version=case.tool.version,
            effect=case.effect,
            arguments=case.arguments,
            arguments_hash=case.call.arguments_hash,
            preview=preview,
            resources=resources,
            rule=why,
            grantable=case.grantable,
        )
        entry = audit_entry(
            context,
            "asked",
            at=now,
            tool=case.tool.name,
            rule=why,
            arguments_hash=request.arguments_hash,
            part=str(number),
        )
        stored = await self._requests.open(request, epoch=self._epoch, audit=[entry])
        return stored if isinstance(stored, Approval) else request

    async def withdraw(self, request: Approval) -> Approval:
        """Closes a request that is no longer needed, and gives it; a reply on it came in the same moment."""
        closed = await self._requests.close(request.id, state="superseded", epoch=self._epoch)
        return closed if isinstance(closed, Approval) else request

    async def _latest(self, context: ToolContext) -> ApprovalState:
        for number in itertools.count():
            try:
                request = await self._requests.get(_id(context, number))
            except NotFound:
                return ApprovalState(number)
            if isinstance(request, Approval) and request.state not in ("consumed", "superseded"):
                return ApprovalState(number, request)
        raise AssertionError("the count of approvals has no end")

    async def _moved(self, request: Approval, case: Case, context: ToolContext) -> str:
        """What changed since the writer was shown the preview; only an answer makes it matter."""
        if request.state != "answered" or not request.resources:
            return ""
        _, resources = _split(await case.tool.build_preview(context, case.arguments), case.tool)
        if resources == request.resources:
            return ""
        return f"shown for {canonical_json({**request.resources})}, now {canonical_json({**resources})}"

    async def _close_stale(self, request: Approval, case: Case, context: ToolContext, change: str) -> None:
        entry = audit_entry(
            context,
            "stale",
            at=self._clock.now(),
            tool=case.tool.name,
            rule=request.rule,
            arguments_hash=case.call.arguments_hash,
            detail=change,
            part=request.id,
        )
        await self._requests.close(request.id, state="superseded", epoch=self._epoch, audit=[entry])


def _id(context: ToolContext, number: int) -> str:
    return derived_id("req", context.run_id, context.call_id, str(number))


def _changes(request: Approval, case: Case) -> str:
    """How the call differs from the one that was shown."""
    shown = (request.tool, request.tool_version, request.effect)
    now = (case.tool.name, case.tool.version, case.effect)
    if shown != now:
        return f"shown as {' '.join(map(str, shown))}, now {' '.join(map(str, now))}"
    if request.arguments_hash != case.call.arguments_hash:
        return f"shown with arguments {request.arguments_hash}, now {case.call.arguments_hash}"
    return ""


def _split(preview: JsonObject, tool: Tool) -> tuple[JsonObject, dict[str, int]]:
    """The preview for people, and the revisions it was made for."""
    given = preview.get("resources") or {}
    shown = {name: value for name, value in preview.items() if name != "resources"}
    if isinstance(given, dict):
        resources = {key: rev for key, rev in given.items() if isinstance(rev, int)}
        if len(resources) == len(given):
            return shown, resources
    raise ToolFailure("unavailable", f"{tool.name}: the resources of its preview are no revisions by id.")


async def find_grant(journal: Journal, case: Case, context: ToolContext, *, now: float) -> Grant | None:
    """A grant in force that stands for the call."""
    root_thread = context.thread_id
    if context.root_id != context.run_id:
        root_thread = (await journal.runs.get(context.root_id)).thread_id
    scopes = (context.root_id, root_thread, context.project_id)
    for grant in await journal.grants.in_force(context.owner_id, scopes, tool=case.tool.name, now=now):
        if grant.covers(
            agent=context.agent, tool=case.tool.name, tool_version=case.tool.version, arguments=case.arguments
        ):
            return grant
    return None
