"""Requests: what the writer was asked, and what the writer said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from saga_agent.domain.requests import Approval, Question, Reply, RequestState
from saga_agent.errors import NotFound, RequestClosed, RunFailed
from saga_agent.storage.memory.detached import detached
from saga_agent.storage.memory.tables import Tables, has_ended


class MemoryRequests:
    """Approvals and questions."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def open(self, request: Approval | Question, *, epoch: int) -> Approval | Question:
        run = self._tables.fenced(request.run_id, epoch)
        if request.id not in self._tables.requests:
            if has_ended(run.state):
                raise RunFailed(run.id, run.state, run.reason)
            self._tables.requests[request.id] = detached(request)
        return detached(self._tables.requests[request.id])

    async def get(self, request_id: str) -> Approval | Question:
        try:
            return detached(self._tables.requests[request_id])
        except KeyError:
            raise NotFound("request", request_id) from None

    async def list(
        self, *, run_id: str | None = None, thread_id: str | None = None, states: Sequence[RequestState] = ()
    ) -> Sequence[Approval | Question]:
        found = [
            detached(request)
            for request in self._tables.requests.values()
            if run_id in (None, request.run_id)
            and thread_id in (None, request.thread_id)
            and (not states or request.state in states)
        ]
        return sorted(found, key=lambda request: (request.created_at, request.id))

    async def answer(self, run_id: str, replies: Mapping[str, Reply], *, actor: str, now: float) -> None:
        answered: list[Approval | Question] = []
        for request_id, reply in replies.items():
            request = self._tables.requests.get(request_id)
            if request is None or request.run_id != run_id:
                raise NotFound("request", request_id)
            if request.state == "pending":
                changes = {"state": "answered", "reply": reply, "actor": actor, "answered_at": now}
                answered.append(detached(request.model_copy(update=changes)))
            elif request.reply != reply:
                raise RequestClosed(request_id, request.state)
        self._tables.requests |= {request.id: request for request in answered}
        run = self._tables.run(run_id)
        if run.state == "waiting" and answered:
            self._tables.set_state(run, "queued")
