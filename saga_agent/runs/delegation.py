"""Delegation: a call of `delegate` becomes a run of its own, which is started or found again, and waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Literal

from saga_agent.agents.budget import Budget
from saga_agent.audiences import page_reason
from saga_agent.clock import Clock
from saga_agent.domain import chunks as c
from saga_agent.domain.journal import END_STATES, Run, ToolCall
from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Request
from saga_agent.errors import AlreadyExists, NotFound, RunBusy
from saga_agent.graphs.account import RunAccount
from saga_agent.journal.run_tree import descendants, pending_requests
from saga_agent.runs.brief import Brief, budget_in, build_brief
from saga_agent.storage.ports.journal import Journal
from saga_agent.streams.hub import StreamHub, heard
from saga_agent.streams.message import MessageStream
from saga_agent.tools.result import Parked, ToolFailure, ToolResult

Status = Literal["finished", "denied", "failed", "stopped"]
_POLL_SECONDS = 1.0
"""How often a child that another process runs is looked at."""


class RunDelegation:
    """The subagents of one run, under one attempt at it."""

    def __init__(
        self,
        run: Run,
        journal: Journal,
        hub: StreamHub,
        clock: Clock,
        *,
        stream: MessageStream,
        account: RunAccount,
        take_up: Callable[[Run], None],
        claim: Callable[[Run], Run] | None = None,
    ) -> None:
        self._run, self._journal, self._hub, self._clock = run, journal, hub, clock
        self._stream, self._account, self._take_up, self._claim = stream, account, take_up, claim
        self._sharing = asyncio.Lock()

    async def run(self, agent: str, task: str, *, call_id: str) -> ToolResult:
        """What came of the task, as the journal tells it; the parent's message shows how the child stands meanwhile.

        Raises: `Parked` while the child waits for the writer, `ToolFailure` when nothing is left of the budget.
        """
        child = await self._find_or_begin(agent, task, call_id)
        shown = ""
        with self._hub.listening(child.stream_id) as news:
            while child.state not in END_STATES:
                if child.state == "waiting" and (requests := await self._requests(child)):
                    await self._show(child, task, "waiting")
                    raise Parked(requests)
                if shown != "running":
                    shown = "running"
                    await self._show(child, task, shown)
                self._take_up(child)
                await heard(news, timeout_seconds=_POLL_SECONDS)
                news.clear()
                child = await self._look(child.id)
        await self._show(child, task, child.state)
        return await self._result(child)

    async def _find_or_begin(self, agent: str, task: str, call_id: str) -> Run:
        async with self._sharing:  # each is begun before the next one's share is reckoned
            return await self._find_or_begin_next(agent, task, call_id)

    async def _find_or_begin_next(self, agent: str, task: str, call_id: str) -> Run:
        left = await self._share(call_id)
        brief = build_brief(self._run, agent, task, call_id=call_id, budget=left or Budget(), now=self._clock.now())
        try:
            return await self._look(brief.run.id)
        except NotFound:
            if left is None:
                raise ToolFailure("unavailable", "Nothing is left of this turn's budget for a subagent.") from None
        return await self._begin(brief)

    async def _share(self, call_id: str) -> Budget | None:
        """What the subagent of that call may take, so that all who are at work or called now keep to the budget."""
        if self._account.budget == Budget():
            return Budget()
        children = await self._journal.runs.list(parent_run_id=self._run.id, limit=1_000)
        promised: dict[str, Budget] = {}
        for child in children:
            if child.state not in END_STATES:
                task = await self._journal.threads.message(child.user_message_id)
                promised[child.id] = budget_in(task)
        begun = {child.parent_call_id for child in children}
        others = [each for each in self._account.delegates if each != call_id and each not in begun]
        return await self._account.share(promised, among=1 + len(others))

    async def _begin(self, brief: Brief) -> Run:
        with suppress(AlreadyExists):  # a try before this one came so far
            await self._journal.threads.create(brief.thread)
        try:
            turn = brief.turn if self._claim is None else replace(brief.turn, run=self._claim(brief.run))
            return await self._journal.runs.start(turn, now=brief.run.created_at)
        except (AlreadyExists, RunBusy):
            return await self._journal.runs.get(brief.run.id)

    async def _requests(self, child: Run) -> Sequence[Request]:
        return await pending_requests(self._journal, child)

    async def _look(self, run_id: str) -> Run:
        return await self._journal.runs.get(run_id)

    async def _show(self, child: Run, task: str, state: str) -> None:
        data: JsonObject = {
            "agent": child.agent,
            "task": task,
            "state": state,
            "runId": child.id,
            "threadId": child.thread_id,
            "streamId": child.stream_id,
        }
        await self._stream.emit(c.Data(type="data-subagent", id=child.id, data=data))

    async def _result(self, child: Run) -> ToolResult:
        """From the journal alone: what a child says of its calls is prose."""
        calls = await self._journal.calls.list(child.id)
        report = await self._journal.threads.message(child.message_id)
        status = _status(child, calls)
        data: JsonObject = {
            "status": status,
            "agent": child.agent,
            "text": report.text,
            "calls": [_outcome(call) for call in calls],
            "run_id": child.id,
            "thread_id": child.thread_id,
            "tokens": await self._tokens(child),
        }
        if status in ("failed", "stopped"):
            reason = page_reason(child.reason, child.reason_code)
            data |= {"reason": reason, "reason_code": child.reason_code}
            error: JsonObject = {"code": "unavailable", "message": f"@{child.agent} {child.state}: {reason}"}
            return ToolResult(ok=False, data=data, error=error)
        return ToolResult(data=data)

    async def _tokens(self, child: Run) -> int:
        rows = [
            row
            for run in [child, *await descendants(self._journal, child.id)]
            for row in await self._journal.runs.usage(run.id)
        ]
        return sum(row.input_tokens + row.output_tokens for row in rows)


def _status(child: Run, calls: Sequence[ToolCall]) -> Status:
    if child.state == "stopped":
        return "stopped"
    if child.state != "finished":
        return "failed"
    return "denied" if any(call.refused for call in calls) else "finished"


def _outcome(call: ToolCall) -> JsonObject:
    return {"tool": call.tool, "ok": bool(call.ok), "refused": call.refused}
