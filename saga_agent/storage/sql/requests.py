"""Requests: what the writer was asked, and what the writer said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, or_, select, text, update

from saga_agent.domain.permissions import AuditEntry, Grant
from saga_agent.domain.requests import Approval, ClientCall, Question, Reply, Request, RequestState
from saga_agent.errors import NotFound, RequestClosed
from saga_agent.storage.sql.audit import add_audit, audit_rows
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.fence import fenced_run, has_ended, refuse_ended
from saga_agent.storage.sql.grants import add_grants, grant_rows
from saga_agent.storage.sql.rows import Shape, json_text
from saga_agent.storage.sql.run_tree import locked_runs, wake
from saga_agent.storage.sql.tables import REQUESTS, RUNS
from saga_agent.storage.sql.upserts import insert_new

_SHAPES: Mapping[str, Shape[Any]] = {
    kind: Shape(model, REQUESTS, lean=True)
    for kind, model in (("approval", Approval), ("question", Question), ("client", ClientCall))
}
_OPEN = insert_new(REQUESTS, (*_SHAPES["approval"].columns, "body"))
_ANSWER = (
    update(REQUESTS)
    .where(REQUESTS.c.id == bindparam("request_id"))
    .values({name: bindparam(f"new_{name}") for name in ("state", "reply", "actor", "answered_at")})
)
# As text, so that the engines recognise the conditions of the indexes.
_PENDING, _HAS_ROOT = text("saga_requests.state = 'pending'"), text("saga_requests.root_run_id <> ''")


class SqlRequests:
    """Approvals, questions and calls that run on the page."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, request: Request, *, epoch: int, audit: Sequence[AuditEntry] = ()) -> Request:
        row, entries = _SHAPES[request.kind].row(request), audit_rows(audit)

        def job(conn: Connection) -> Request:
            run = fenced_run(conn, request.run_id, epoch)
            if has_ended(run.state):
                if (stored := _find(conn, request.id)) is None:
                    refuse_ended(run)
                return stored or request
            if conn.execute(_OPEN, row).rowcount == 0:
                return _stored(conn, request.id)
            add_audit(conn, entries)
            return request

        return await self._database.write(job)

    async def get(self, request_id: str) -> Request:
        return await self._database.read(lambda conn: _stored(conn, request_id))

    async def list(
        self,
        *,
        run_id: str | None = None,
        root_run_id: str | None = None,
        thread_id: str | None = None,
        states: Sequence[RequestState] = (),
    ) -> Sequence[Request]:
        query = select(REQUESTS).order_by(REQUESTS.c.created_at, REQUESTS.c.id)
        if run_id is not None:
            query = query.where(REQUESTS.c.run_id == run_id)
        if root_run_id is not None:
            query = query.where(_of_tree(root_run_id))
        if thread_id is not None:
            query = query.where(REQUESTS.c.thread_id == thread_id)
        if states:
            query = query.where(REQUESTS.c.state.in_(states))
        return await self._database.read(lambda conn: [_model(row) for row in conn.execute(query)])

    async def answer(
        self,
        run_id: str,
        replies: Mapping[str, Reply],
        *,
        actor: str,
        now: float,
        grants: Sequence[Grant] = (),
        audit: Sequence[AuditEntry] = (),
    ) -> Sequence[str]:
        given = {"new_state": "answered", "new_actor": actor, "new_answered_at": now}
        rows = {each: {**given, "request_id": each, "new_reply": json_text(reply)} for each, reply in replies.items()}
        named, permits, entries = REQUESTS.c.id.in_(replies), grant_rows(grants), audit_rows(audit)

        def job(conn: Connection) -> Sequence[str]:
            # Whoever changes a request locks its run first.
            runs = locked_runs(conn, RUNS.c.id.in_(select(REQUESTS.c.run_id).where(named)))
            stored = {row.id: _model(row) for row in conn.execute(select(REQUESTS).where(named))}
            answered = [
                stored[each]
                for each, reply in replies.items()
                if _takes_answer(stored.get(each), reply, run_id=run_id, request_id=each, now=now)
            ]
            if answered:
                conn.execute(_ANSWER, [rows[request.id] for request in answered])
            add_grants(conn, permits)
            add_audit(conn, entries)
            woken = {request.run_id for request in answered}
            return wake(conn, [run for run in runs if run.id in woken])

        return await self._database.write(job)

    async def close(
        self, request_id: str, *, state: Literal["superseded", "expired"], epoch: int, audit: Sequence[AuditEntry] = ()
    ) -> Request:
        entries = audit_rows(audit)
        live = (REQUESTS.c.id == request_id, REQUESTS.c.state.in_(("pending", "answered")))

        def job(conn: Connection) -> Request:
            fenced_run(conn, _stored(conn, request_id).run_id, epoch)
            row = conn.execute(update(REQUESTS).where(*live).values(state=state).returning(*REQUESTS.c)).first()
            if row is None:
                return _stored(conn, request_id)
            add_audit(conn, entries)
            return _model(row)

        return await self._database.write(job)

    async def expire(self, *, now: float) -> Sequence[str]:
        over = (_PENDING, REQUESTS.c.expires_at <= now)
        owners = select(REQUESTS.c.run_id).where(*over)

        def job(conn: Connection) -> Sequence[str]:
            runs = locked_runs(conn, RUNS.c.id.in_(owners))
            of_runs = REQUESTS.c.run_id.in_([run.id for run in runs])
            changed = update(REQUESTS).where(*over, of_runs).values(state="expired").returning(REQUESTS.c.run_id)
            woken = set(conn.execute(changed).scalars())
            return wake(conn, [run for run in runs if run.id in woken])

        # Most often nothing is due, and a read keeps no writer waiting.
        is_due = await self._database.read(lambda conn: conn.execute(owners.limit(1)).first() is not None)
        return await self._database.write(job) if is_due else []


def _of_tree(root_run_id: str) -> ColumnElement[bool]:
    """Requests of that run and its subagents; one without a root is of its own run."""
    own = and_(REQUESTS.c.run_id == root_run_id, REQUESTS.c.root_run_id == "")
    return or_(own, and_(_HAS_ROOT, REQUESTS.c.root_run_id == root_run_id))


def _takes_answer(request: Request | None, reply: Reply, *, run_id: str, request_id: str, now: float) -> bool:
    """Whether the reply is to be stored; False when it is there already. Raises what forbids it."""
    if request is None or run_id not in (request.run_id, request.root_run_id):
        raise NotFound("request", request_id)
    if request.state != "pending":
        if request.state != "answered" or request.reply != reply:
            raise RequestClosed(request_id, request.state)
        return False
    if request.expires_at is not None and request.expires_at <= now:
        raise RequestClosed(request_id, "expired")
    return True


def _find(conn: Connection, request_id: str) -> Request | None:
    row = conn.execute(select(REQUESTS).where(REQUESTS.c.id == request_id)).first()
    return None if row is None else _model(row)


def _stored(conn: Connection, request_id: str) -> Request:
    request = _find(conn, request_id)
    if request is None:
        raise NotFound("request", request_id)
    return request


def _model(row: Row[Any]) -> Request:
    return _SHAPES[row.kind].model(row)
