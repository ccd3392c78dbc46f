"""Requests: what the writer was asked, and what the writer said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from saga_agent.domain.requests import Approval, Question, Reply, RequestState
from saga_agent.errors import NotFound, RequestClosed
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.fence import fenced_run, locked_run, refuse_ended, set_state
from saga_agent.storage.sql.rows import Shape, json_text
from saga_agent.storage.sql.tables import REQUESTS

_APPROVAL = Shape(Approval, REQUESTS, lean=True)
_QUESTION = Shape(Question, REQUESTS, lean=True)


class SqlRequests:
    """Approvals and questions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, request: Approval | Question, *, epoch: int) -> Approval | Question:
        row = _APPROVAL.row(request) if isinstance(request, Approval) else _QUESTION.row(request)

        def job(conn: Connection) -> Approval | Question:
            run = fenced_run(conn, request.run_id, epoch)
            if (stored := _find(conn, request.id)) is not None:
                return stored
            refuse_ended(run)
            conn.execute(insert(REQUESTS), row)
            return request

        return await self._database.write(job)

    async def get(self, request_id: str) -> Approval | Question:
        def job(conn: Connection) -> Approval | Question:
            request = _find(conn, request_id)
            if request is None:
                raise NotFound("request", request_id)
            return request

        return await self._database.read(job)

    async def list(
        self, *, run_id: str | None = None, thread_id: str | None = None, states: Sequence[RequestState] = ()
    ) -> Sequence[Approval | Question]:
        query = select(REQUESTS).order_by(REQUESTS.c.created_at, REQUESTS.c.id)
        if run_id is not None:
            query = query.where(REQUESTS.c.run_id == run_id)
        if thread_id is not None:
            query = query.where(REQUESTS.c.thread_id == thread_id)
        if states:
            query = query.where(REQUESTS.c.state.in_(states))
        return await self._database.read(lambda conn: [_model(row) for row in conn.execute(query)])

    async def answer(self, run_id: str, replies: Mapping[str, Reply], *, actor: str, now: float) -> None:
        def job(conn: Connection) -> None:
            run = locked_run(conn, run_id)
            answered = [_answer(conn, run_id, each, reply, actor=actor, now=now) for each, reply in replies.items()]
            if run.state == "waiting" and any(answered):
                set_state(conn, run, "queued")

        await self._database.write(job)


def _answer(conn: Connection, run_id: str, request_id: str, reply: Reply, *, actor: str, now: float) -> bool:
    """Stores the reply; False where the same one is stored already."""
    request = _find(conn, request_id, locked=True)
    if request is None or request.run_id != run_id:
        raise NotFound("request", request_id)
    if request.state == "pending":
        changes = {"state": "answered", "reply": json_text(reply), "actor": actor, "answered_at": now}
        conn.execute(update(REQUESTS).where(REQUESTS.c.id == request_id).values(changes))
        return True
    if request.reply != reply:
        raise RequestClosed(request_id, request.state)
    return False


def _find(conn: Connection, request_id: str, *, locked: bool = False) -> Approval | Question | None:
    query = select(REQUESTS).where(REQUESTS.c.id == request_id)
    row = conn.execute(query.with_for_update() if locked else query).first()
    return None if row is None else _model(row)


def _model(row: Row[Any]) -> Approval | Question:
    return _APPROVAL.model(row) if row.kind == "approval" else _QUESTION.model(row)
