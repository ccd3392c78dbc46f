"""What the writer is asked and answers, the grants that stand for answers, and the audit of every decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, or_, select, text, update

from saga_agent.domain.permissions import AuditEntry, Grant
from saga_agent.domain.record import Page
from saga_agent.domain.requests import Approval, ClientCall, Question, Reply, Request, RequestState
from saga_agent.domain.run_rules import has_ended, require_live, takes_answer
from saga_agent.errors import NotFound
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.engine.paging import Pages
from saga_agent.storage.sql.engine.rows import Shape, json_text
from saga_agent.storage.sql.engine.statements import Prepared, insert_new
from saga_agent.storage.sql.journal.run_rows import fenced_run, locked_runs, wake
from saga_agent.storage.sql.tables.definitions import AUDIT, GRANTS, REQUESTS, RUNS

_ENTRY = Shape(AuditEntry, AUDIT, lean=True)
_ADD_ENTRY = Prepared(insert_new(AUDIT, (*_ENTRY.columns, "body")))
_LIST = Pages(list(AUDIT.c), _ENTRY.record, order=[AUDIT.c.at, AUDIT.c.key])


class SqlAudit:
    """Entries in the order of their time, and of their storing within a moment."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, entries: Sequence[AuditEntry]) -> None:
        rows = audit_rows(entries)
        await self._database.write(lambda conn: add_audit(conn, rows))

    async def list(
        self,
        owner_id: str,
        *,
        run_id: str | None = None,
        thread_id: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Page[AuditEntry]:
        wanted = {"owner_id": owner_id, "run_id": run_id, "thread_id": thread_id}
        where = {name: value for name, value in wanted.items() if value is not None}
        return await self._database.read(lambda conn: _LIST.read(conn, where, after=after, limit=limit))


def audit_rows(entries: Sequence[AuditEntry]) -> list[dict[str, object]]:
    """The entries as `add_audit` takes them; `InvalidInput` for text that no database holds."""
    return [_ENTRY.row(entry) for entry in entries]


def add_audit(conn: Connection, rows: list[dict[str, object]]) -> None:
    """Stores the entries whose id is new."""
    _ADD_ENTRY.many(conn, rows)


_GRANT = Shape(Grant, GRANTS, lean=True)
_ADD_GRANT = insert_new(GRANTS, (*_GRANT.columns, "body"))


class SqlGrants:
    """A writer's standing approvals."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, grant_id: str) -> Grant:
        return await self._database.read(lambda conn: _stored_grant(conn, grant_id))

    async def list(self, owner_id: str, *, scope_id: str | None = None) -> Sequence[Grant]:
        query = select(GRANTS).where(GRANTS.c.owner_id == owner_id)
        if scope_id is not None:
            query = query.where(GRANTS.c.scope_id == scope_id)
        query = query.order_by(GRANTS.c.created_at.desc(), GRANTS.c.id.desc())
        return await self._database.read(lambda conn: [_GRANT.model(row) for row in conn.execute(query)])

    async def in_force(self, owner_id: str, scope_ids: Sequence[str], *, tool: str, now: float) -> Sequence[Grant]:
        query = select(GRANTS).where(
            GRANTS.c.scope_id.in_(scope_ids),
            GRANTS.c.tool == tool,
            GRANTS.c.owner_id == owner_id,
            GRANTS.c.revoked_at.is_(None),
            or_(GRANTS.c.expires_at.is_(None), GRANTS.c.expires_at > now),
        )
        query = query.order_by(GRANTS.c.id)
        return await self._database.read(lambda conn: [_GRANT.model(row) for row in conn.execute(query)])

    async def revoke(self, grant_id: str, *, by: str, now: float, audit: Sequence[AuditEntry] = ()) -> Grant:
        entries = audit_rows(audit)
        standing = (GRANTS.c.id == grant_id, GRANTS.c.revoked_at.is_(None))

        def job(conn: Connection) -> Grant:
            row = conn.execute(
                update(GRANTS).where(*standing).values(revoked_at=now, revoked_by=by).returning(*GRANTS.c)
            ).first()
            if row is None:
                return _stored_grant(conn, grant_id)
            add_audit(conn, entries)
            return _GRANT.model(row)

        return await self._database.write(job)


def grant_rows(grants: Sequence[Grant]) -> list[dict[str, object]]:
    """The grants as `add_grants` takes them; `InvalidInput` for text that no database holds."""
    return [_GRANT.row(grant) for grant in grants]


def add_grants(conn: Connection, rows: list[dict[str, object]]) -> None:
    """Stores the grants whose request gave none before."""
    if rows:
        conn.execute(_ADD_GRANT, rows)


def _stored_grant(conn: Connection, grant_id: str) -> Grant:
    row = conn.execute(select(GRANTS).where(GRANTS.c.id == grant_id)).first()
    if row is None:
        raise NotFound("grant", grant_id)
    return _GRANT.model(row)


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
                    require_live(run)
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
            asked = [_asked_of(run_id, stored.get(each), each) for each in replies]
            answered = [each for each in asked if takes_answer(each, replies[each.id], now=now)]
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


def _asked_of(run_id: str, request: Request | None, request_id: str) -> Request:
    """The request, if the run or one of its subagents made it; `NotFound`."""
    if request is None or run_id not in (request.run_id, request.root_run_id):
        raise NotFound("request", request_id)
    return request


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
