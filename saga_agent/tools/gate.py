"""The gate: the one way from a model's call to an effect.

call -> strict arguments -> loop guard -> hooks -> policy -> grants -> approval row -> (park) -> re-check -> journal
`started` -> run -> journal `finished`. The gate decides from stored rows only, so it may be asked about the same call
again and again - after a pause, in another process, after a crash - and no effect happens twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TypeVar

from saga_agent.clock import Clock
from saga_agent.domain.journal import Repeats, ToolCall
from saga_agent.domain.record import content_hash
from saga_agent.domain.requests import Approval, Approve, Deny, Edit, Reply, StopRun
from saga_agent.errors import RequestClosed
from saga_agent.storage.patience import patient
from saga_agent.storage.ports.journal import Journal
from saga_agent.tools.approvals import Approvals, ApprovalState, find_grant
from saga_agent.tools.context import ToolContext
from saga_agent.tools.hooks import HOOK_SECONDS, Hook
from saga_agent.tools.judgement import Case, Judge
from saga_agent.tools.ledger import Ledger
from saga_agent.tools.loops import LoopLimits
from saga_agent.tools.outcome import LOOP_RULE, Done, FrozenCall, RequestedCall, Waiting
from saga_agent.tools.page import BrowserTools, PageOutcome
from saga_agent.tools.policy import Policy
from saga_agent.tools.questions import Questions, Unattended, was_asked
from saga_agent.tools.registry import Tool, ToolRegistry
from saga_agent.tools.result import Parked, ToolFailure

T = TypeVar("T")
APPROVAL_SECONDS = 30 * 86_400.0
_LAST_SECONDS = 0.2
"""How long a call of a run that ends may go on before it is told to stop: most are done by then."""


class Gate:
    """Runs calls of one agent under one policy and one runner's epoch."""

    def __init__(
        self,
        registry: ToolRegistry,
        policy: Policy,
        journal: Journal,
        clock: Clock,
        *,
        epoch: int,
        hooks: Sequence[Hook] = (),
        loops: LoopLimits | None = None,
        unattended: Unattended = "park",
        approval_ttl_seconds: float | None = APPROVAL_SECONDS,
        hook_seconds: float = HOOK_SECONDS,
    ) -> None:
        journal = patient(journal)  # an effect that has happened must not be left without its outcome
        self._registry, self._journal, self._clock, self._epoch = registry, journal, clock, epoch
        self._judge = Judge(policy=policy, hooks=hooks, hook_seconds=hook_seconds)
        self._loops = loops or LoopLimits()
        self._unattended: Unattended = unattended
        self._ledger = Ledger(journal, clock, epoch=epoch)
        self._approvals = Approvals(journal, clock, epoch=epoch, ttl_seconds=approval_ttl_seconds)
        self._questions = Questions(
            journal, clock, self._ledger, epoch=epoch, ttl_seconds=approval_ttl_seconds, unattended=unattended
        )
        self._page = BrowserTools(journal, clock, epoch=epoch, ttl_seconds=approval_ttl_seconds)

    async def handle(self, call: RequestedCall, context: ToolContext) -> Done | Waiting:
        """Takes the call as far as it may go now; the same call may be handed in again.

        Raises: `StaleEpoch`, `RunFailed` when the run has ended, `StorageError`; never for what the call or the tool
        does wrong.
        """
        full_result = partial(self._journal.calls.full_result, context.run_id)
        context = replace(context, call_id=call.id, full_result=full_result)
        frozen, tool = self._read(call)
        repeats = await self._journal.calls.repeats(
            context.run_id, tool=frozen.tool, arguments_hash=frozen.arguments_hash, but=call.id
        )
        if (stored := repeats.call) is not None:
            if stored.state == "finished":
                return Done.of(stored)
            # It was started, with these arguments, and nobody knows whether its effect happened.
            frozen, tool = self._read(RequestedCall(id=call.id, name=stored.tool, arguments=stored.arguments))
        elif stopped := await self._stop_loop(frozen, repeats, context):
            return stopped
        try:
            if isinstance(tool, ToolFailure):
                raise tool
            case = await self._judge.judge(tool, frozen.arguments, context)
            if case.verdict.decision == "deny":
                return await self._deny(case, context)
            return await (self._questions.ask(case, context) if tool.question else self._decide(case, context, stored))
        except ToolFailure as failure:
            return await self._ledger.refuse(failure, frozen, context, rule="what the call must be")

    def _read(self, call: RequestedCall) -> tuple[FrozenCall, Tool | ToolFailure]:
        """The call with its arguments frozen, and its tool; the failure of one that cannot be read."""
        try:
            tool = self._find_tool(call)
            return FrozenCall.of(tool.name, tool.validate(call.arguments or {})), tool
        except ToolFailure as failure:
            content = content_hash(call.arguments or call.problem)
            return FrozenCall(call.name, call.arguments or {}, content), failure

    def _find_tool(self, call: RequestedCall) -> Tool:
        tool = self._registry.find(call.name)
        if tool is None:
            known = ", ".join(sorted(tool.name for tool in self._registry))
            raise ToolFailure("not_found", f"There is no tool {call.name!r}.", hint=f"The tools are {known}.")
        if call.arguments is None:
            raise ToolFailure(
                "invalid_argument",
                f"{call.name}: {call.problem or 'the arguments are no JSON object'}",
                hint="Call again with complete arguments.",
            )
        return tool

    async def _stop_loop(self, call: FrozenCall, repeats: Repeats, context: ToolContext) -> Done | None:
        reason = self._loops.reason(call.tool, repeats)
        if not reason or await was_asked(self._journal, context):
            return None  # not if the writer has seen this very call: then it came before the others were counted
        return await self._ledger.refuse(
            ToolFailure("loop", f"{reason} The run is stopped."), call, context, rule=LOOP_RULE, event="stopped"
        )

    async def _decide(self, case: Case, context: ToolContext, stored: ToolCall | None) -> Done | Waiting:
        if stored is not None and case.tool.idempotent:
            return await self._run(case, context, rule=stored.rule)
        asks = stored is not None or case.verdict.decision == "ask"
        # In its first epoch a call that is allowed cannot have been asked for; later the rules may have changed.
        standing = await self._approvals.find(case, context) if asks or self._epoch > 1 else ApprovalState(0)
        request = standing.request
        if request is not None and request.state == "answered" and request.reply is not None:
            return await self._take_up(request, request.reply, case, context)
        if stored is None and (rule := await self._find_leave(case, context)):
            if request is not None:
                reply = (await self._approvals.withdraw(request)).reply
                if isinstance(reply, Deny | StopRun):  # it came in the same moment
                    return await self._refuse_reply(reply, request, case, context, consume=None)
            return await self._run(case, context, rule=rule)
        if request is not None:
            return Waiting((request,)) if request.state == "pending" else await self._expire(case, context)
        if self._unattended == "deny":
            failure = ToolFailure("needs_approval", f"{case.tool.name} needs the writer's word, and nobody is there.")
            return await self._ledger.refuse(failure, case.call, context, rule="unattended")
        why = case.verdict.why if stored is None else "it was started before and did not finish"
        return Waiting((await self._approvals.open(case, context, number=standing.number, why=why),))

    async def _find_leave(self, case: Case, context: ToolContext) -> str:
        """What lets the call run without asking: the rule, or a grant; empty when nothing does."""
        if case.verdict.decision == "allow":
            return case.verdict.why
        grant = await find_grant(self._journal, case, context, now=self._clock.now()) if case.grantable else None
        return f"grant {grant.id}: {grant.text}" if grant else ""

    async def _take_up(self, request: Approval, reply: Reply, case: Case, context: ToolContext) -> Done | Waiting:
        match reply:
            case Approve():
                return await self._run(case, context, rule=f"approved by {request.actor}", consume=request.id)
            case Edit():
                # The writer's own arguments are checked and judged like the model's; only asking is settled by them.
                try:
                    edited = await self._judge.judge(case.tool, case.tool.validate(reply.arguments), context)
                except ToolFailure as failure:
                    return await self._ledger.refuse(
                        failure, case.call, context, rule="what the call must be", consume=request.id
                    )
                if edited.verdict.decision == "deny":
                    return await self._deny(edited, context, consume=request.id)
                return await self._run(edited, context, rule=f"edited by {request.actor}", consume=request.id)
            case _:
                return await self._refuse_reply(reply, request, case, context, consume=request.id)

    async def _refuse_reply(
        self, reply: Reply, request: Approval, case: Case, context: ToolContext, *, consume: str | None
    ) -> Done:
        actor = request.actor or ""
        if isinstance(reply, StopRun):
            return await self._ledger.stop(case.call, context, actor=actor, consume=consume)
        words = reply.feedback if isinstance(reply, Deny) else ""
        failure = ToolFailure(
            "permission_denied",
            f"The writer declined {case.tool.name}" + (f": {words}" if words else "."),
            hint="Do not repeat the call; take up what was said.",
        )
        return await self._ledger.refuse(
            failure, case.call, context, rule=f"denied by {actor}", actor=actor, consume=consume
        )

    async def _deny(self, case: Case, context: ToolContext, *, consume: str | None = None) -> Done:
        why = case.verdict.why
        failure = ToolFailure("permission_denied", f"{case.tool.name} is not allowed here ({why}).")
        return await self._ledger.refuse(failure, case.call, context, rule=why, consume=consume)

    async def _expire(self, case: Case, context: ToolContext) -> Done:
        failure = ToolFailure("needs_approval", f"Nobody approved {case.tool.name} in time; nothing was run.")
        return await self._ledger.refuse(failure, case.call, context, rule="expired", event="expired")

    async def _run(self, case: Case, context: ToolContext, *, rule: str, consume: str | None = None) -> Done | Waiting:
        try:
            await self._ledger.start(case.call, context, rule=rule, consume=consume)
        except RequestClosed as error:
            return Done(ToolFailure("cancelled", str(error)).to_result().to_json(), ok=False)
        work = asyncio.create_task(self._perform(case, context), name=f"call {context.call_id}")
        try:
            await asyncio.wait({work})
        except asyncio.CancelledError:
            await _whole(self._break_off(work, case, context))
            raise
        return await _whole(self._finish(work.result(), case, context))

    async def _break_off(self, work: asyncio.Task[PageOutcome | Waiting], case: Case, context: ToolContext) -> None:
        """Lets the call end by itself for a moment, and tells it to stop then; what it has done is journaled."""
        await asyncio.wait({work}, timeout=_LAST_SECONDS)
        work.cancel()
        await asyncio.wait({work})
        if not work.cancelled() and work.exception() is None:
            await self._finish(work.result(), case, context)

    async def _perform(self, case: Case, context: ToolContext) -> PageOutcome | Waiting:
        try:
            if case.tool.client:
                return await self._page.run(case.tool, case.arguments, context)
            return PageOutcome(await case.tool.run(context, case.arguments))
        except Parked as parked:
            if case.tool.idempotent:
                return Waiting(parked.requests)
            failure = ToolFailure("unavailable", f"{case.tool.name} cannot wait: it is not declared idempotent.")
            return PageOutcome(failure.to_result())

    async def _finish(self, outcome: PageOutcome | Waiting, case: Case, context: ToolContext) -> Done | Waiting:
        if isinstance(outcome, Waiting):
            return outcome
        done = await self._ledger.finish(outcome.result, case.tool, context)
        return replace(done, stop_run=True, stop_code="writer") if outcome.stops else done


async def _whole(ending: Coroutine[object, object, T]) -> T:
    """What it gives; a caller that is cancelled meanwhile, once or more, goes when it is done."""
    task = asyncio.create_task(ending)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):  # it is going already
                await asyncio.wait({task})
        raise
