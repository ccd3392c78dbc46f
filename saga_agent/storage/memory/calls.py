"""Tool calls: journalled before they run and after."""

from __future__ import annotations

from collections.abc import Sequence

from saga_agent.domain.journal import Repeats, Run, ToolCall
from saga_agent.domain.permissions import AuditEntry
from saga_agent.domain.run_rules import has_ended
from saga_agent.errors import NotFound, RequestClosed, RunFailed
from saga_agent.storage.memory.tables import Tables, detached


class MemoryToolCalls:
    """Calls by (run_id, call_id), in the order they were started."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def start(
        self, call: ToolCall, *, epoch: int, consume: str | None = None, audit: Sequence[AuditEntry] = ()
    ) -> ToolCall:
        run = self._tables.fenced(call.run_id, epoch)
        stored = self._tables.calls.get((call.run_id, call.call_id))
        if has_ended(run.state) and (stored is None or consume is not None):
            raise RunFailed(run.id, run.state, run.reason)
        if consume is not None:
            self._consume(call, consume)
        self._tables.add_audit(audit)
        if stored is not None:
            return detached(stored)
        self._tables.calls[call.run_id, call.call_id] = detached(call)
        return call

    async def finish(
        self, run_id: str, call_id: str, *, epoch: int, ok: bool, result: str, now: float, full: str | None = None
    ) -> ToolCall:
        self._tables.fenced(run_id, epoch)
        call = self._stored(run_id, call_id)
        if call.state == "started":
            call = call.model_copy(update={"state": "finished", "ok": ok, "result": result, "ended_at": now})
            self._tables.calls[run_id, call_id] = call
            if full is not None:
                self._tables.full_results[run_id, call_id] = full
        return detached(call)

    async def full_result(self, run_id: str, call_id: str) -> str | None:
        self._stored(run_id, call_id)
        return self._tables.full_results.get((run_id, call_id))

    async def repeats(self, run_id: str, *, tool: str, arguments_hash: str, but: str) -> Repeats:
        top = self._top(self._tables.run(run_id))
        alike = [
            (self._top(self._tables.run(call.run_id)), call.refused)
            for call in self._tables.calls.values()
            if (call.tool, call.arguments_hash) == (tool, arguments_hash)
            and (call.run_id, call.call_id) != (run_id, but)
        ]
        return Repeats(
            in_tree=sum(1 for other, _ in alike if other.id == top.id),
            refused=sum(1 for other, refused in alike if refused and other.thread_id == top.thread_id),
            call=detached(self._tables.calls.get((run_id, but))),
        )

    async def find(self, run_id: str, call_id: str) -> ToolCall | None:
        return detached(self._tables.calls.get((run_id, call_id)))

    async def list(self, run_id: str) -> Sequence[ToolCall]:
        return [detached(call) for call in self._tables.calls.values() if call.run_id == run_id]

    def _stored(self, run_id: str, call_id: str) -> ToolCall:
        try:
            return self._tables.calls[run_id, call_id]
        except KeyError:
            raise NotFound("tool call", call_id) from None

    def _top(self, run: Run) -> Run:
        """The run the writer started; a run whose root is not stored counts for itself."""
        return self._tables.runs.get(run.root_id, run)

    def _consume(self, call: ToolCall, request_id: str) -> None:
        request = self._tables.requests.get(request_id)
        if request is None or request.run_id != call.run_id:
            raise NotFound("request", request_id)
        if request.state == "consumed" and self._tables.consumed_by.get(request_id) == call.call_id:
            return
        if request.state != "answered":
            raise RequestClosed(request_id, request.state)
        self._tables.requests[request_id] = request.model_copy(update={"state": "consumed"})
        self._tables.consumed_by[request_id] = call.call_id
