"""Writing down what becomes of calls: each row with its audit entry, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from saga_agent.clock import Clock
from saga_agent.domain.journal import ToolCall
from saga_agent.domain.permissions import AuditEntry, AuditEvent
from saga_agent.storage.ports.journal import Journal
from saga_agent.tools.audit import audit_entry
from saga_agent.tools.context import ToolContext
from saga_agent.tools.outcome import STOP_RULE, Done, FrozenCall
from saga_agent.tools.registry import Tool
from saga_agent.tools.result import ToolFailure, ToolResult


class Ledger:
    """The calls of one runner's epoch."""

    def __init__(self, journal: Journal, clock: Clock, *, epoch: int) -> None:
        self._calls, self._runs, self._clock, self._epoch = journal.calls, journal.runs, clock, epoch

    async def start(self, call: FrozenCall, context: ToolContext, *, rule: str, consume: str | None) -> None:
        """Journals that the call begins, and what allowed it; uses up the approval `consume`.

        Raises: `RequestClosed`, `RunFailed`, `StaleEpoch`; nothing is stored then.
        """
        row = self._row(call, context, rule=rule)
        entry = self._entry(call, context, "allowed", rule=rule)
        await self._calls.start(row, epoch=self._epoch, consume=consume, audit=[entry])

    async def finish(self, result: ToolResult, tool: Tool, context: ToolContext) -> Done:
        """Journals the outcome; text over the tool's limit is kept beside it for `read_result`."""
        text, full = limited(result, tool, call_id=context.call_id)
        row = await self._calls.finish(
            context.run_id,
            context.call_id,
            epoch=self._epoch,
            ok=result.ok,
            result=text,
            full=full,
            now=self._clock.now(),
        )
        return Done.of(row)

    async def refuse(
        self,
        failure: ToolFailure,
        call: FrozenCall,
        context: ToolContext,
        *,
        rule: str,
        event: AuditEvent = "refused",
        actor: str = "",
        consume: str | None = None,
    ) -> Done:
        """Settles a call that is not run; the model reads why."""
        entry = self._entry(call, context, event, rule=rule, actor=actor, detail=failure.message)
        row = self._row(call, context, rule=rule).model_copy(update={"refused": True})
        return await self._settle(row, failure.to_result(), consume=consume, audit=[entry])

    async def stop(self, call: FrozenCall, context: ToolContext, *, actor: str, consume: str | None) -> Done:
        """Settles a call to which the writer answered 'stop': the whole tree of the run ends."""
        await self._runs.request_stop(context.root_id)
        failure = ToolFailure("cancelled", "The writer stopped the run.")
        return await self.refuse(failure, call, context, rule=STOP_RULE, event="stopped", actor=actor, consume=consume)

    async def settle(
        self,
        result: ToolResult,
        call: FrozenCall,
        context: ToolContext,
        *,
        rule: str,
        consume: str | None = None,
        event: AuditEvent | None = None,
    ) -> Done:
        """Settles a call whose outcome is the writer's word, or the lack of one."""
        audit = [self._entry(call, context, event, rule=rule)] if event else []
        return await self._settle(self._row(call, context, rule=rule), result, consume=consume, audit=audit)

    async def _settle(
        self, row: ToolCall, result: ToolResult, *, consume: str | None, audit: Sequence[AuditEntry]
    ) -> Done:
        text = result.to_json()
        changes = {"state": "finished", "ok": result.ok, "result": text, "ended_at": row.started_at}
        settled = row.model_copy(update=changes)
        stored = await self._calls.start(settled, epoch=self._epoch, consume=consume, audit=audit)
        if stored.state == "started":  # a killed call that was put to the writer once more
            await self._calls.finish(
                row.run_id, row.call_id, epoch=self._epoch, ok=result.ok, result=text, now=row.started_at
            )
        return Done.of(settled if stored.state == "started" else stored)

    def _row(self, call: FrozenCall, context: ToolContext, *, rule: str) -> ToolCall:
        return ToolCall(
            run_id=context.run_id,
            call_id=context.call_id,
            tool=call.tool,
            arguments=call.arguments,
            arguments_hash=call.arguments_hash,
            rule=rule,
            started_at=self._clock.now(),
        )

    def _entry(
        self, call: FrozenCall, context: ToolContext, event: AuditEvent, *, rule: str, actor: str = "", detail: str = ""
    ) -> AuditEntry:
        return audit_entry(
            context,
            event,
            at=self._clock.now(),
            tool=call.tool,
            rule=rule,
            arguments_hash=call.arguments_hash,
            actor=actor,
            detail=detail,
        )


def limited(result: ToolResult, tool: Tool, *, call_id: str) -> tuple[str, str | None]:
    """What the model reads of a result, and the whole text where that was cut."""
    text = result.to_json()
    if len(text) <= tool.output_limit:
        return text, None
    note = (
        f"The result has {len(text):,} characters; the first {tool.output_limit:,} are here. "
        f"read_result with call_id {call_id!r} and start {tool.output_limit} gives more."
    )
    cut = ToolResult(ok=result.ok, data={"text": text[: tool.output_limit]}, warnings=(note,), truncated=True)
    return cut.to_json(), text
