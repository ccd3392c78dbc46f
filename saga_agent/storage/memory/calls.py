"""Tool calls: journalled before they run and after."""

from __future__ import annotations

from collections.abc import Sequence

from saga_agent.domain.journal import ToolCall
from saga_agent.errors import NotFound, RequestClosed, RunFailed
from saga_agent.storage.memory.detached import detached
from saga_agent.storage.memory.tables import Tables, has_ended


class MemoryToolCalls:
    """Calls by (run_id, call_id), in the order they were started."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def start(self, call: ToolCall, *, epoch: int, consume: str | None = None) -> ToolCall:
        run = self._tables.fenced(call.run_id, epoch)
        stored = self._tables.calls.get((call.run_id, call.call_id))
        if has_ended(run.state) and (stored is None or consume is not None):
            raise RunFailed(run.id, run.state, run.reason)
        if consume is not None:
            self._consume(call.run_id, consume)
        if stored is not None:
            return detached(stored)
        self._tables.calls[call.run_id, call.call_id] = detached(call)
        return call

    async def finish(self, run_id: str, call_id: str, *, epoch: int, ok: bool, result: str, now: float) -> ToolCall:
        self._tables.fenced(run_id, epoch)
        call = self._tables.calls.get((run_id, call_id))
        if call is None:
            raise NotFound("tool call", call_id)
        if call.state == "started":
            call = call.model_copy(update={"state": "finished", "ok": ok, "result": result, "ended_at": now})
            self._tables.calls[run_id, call_id] = call
        return detached(call)

    async def find(self, run_id: str, call_id: str) -> ToolCall | None:
        return detached(self._tables.calls.get((run_id, call_id)))

    async def list(self, run_id: str) -> Sequence[ToolCall]:
        return [detached(call) for call in self._tables.calls.values() if call.run_id == run_id]

    def _consume(self, run_id: str, request_id: str) -> None:
        request = self._tables.requests.get(request_id)
        if request is None or request.run_id != run_id:
            raise NotFound("request", request_id)
        if request.state != "answered":
            raise RequestClosed(request_id, request.state)
        self._tables.requests[request_id] = request.model_copy(update={"state": "consumed"})
