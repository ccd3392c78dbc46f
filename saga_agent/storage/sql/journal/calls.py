"""Tool calls: journalled before they run and after, and how often one was made before."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, func, not_, or_, select, text, update

from saga_agent.domain.journal import Repeats, ToolCall
from saga_agent.domain.permissions import AuditEntry
from saga_agent.domain.run_rules import has_ended, require_live
from saga_agent.errors import NotFound, RequestClosed
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.engine.rows import Shape
from saga_agent.storage.sql.engine.statements import Prepared, insert_new
from saga_agent.storage.sql.journal.permissions import add_audit, audit_rows
from saga_agent.storage.sql.journal.run_rows import fenced_run
from saga_agent.storage.sql.tables.definitions import REQUESTS, RUNS, TOOL_CALLS

_RUN, _TOP, _OTHER, _OTHER_TOP = (RUNS.alias(name) for name in ("run", "top", "other", "other_top"))
_ALIKE = (
    TOOL_CALLS.c.tool == bindparam("tool"),
    TOOL_CALLS.c.arguments_hash == bindparam("arguments_hash"),
    not_((TOOL_CALLS.c.run_id == bindparam("run_id")) & (TOOL_CALLS.c.call_id == bindparam("but"))),
)
_IN_TREE = select(_OTHER.c.id).where(or_(_OTHER.c.id == _TOP.c.id, _OTHER.c.root_run_id == _TOP.c.id))
_REPEATS = select(func.count()).where(TOOL_CALLS.c.run_id.in_(_IN_TREE.correlate(_TOP)), *_ALIKE).correlate(_TOP)
# As text, so that SQLite recognises the condition of the index.
_REFUSALS = (
    select(func.count())
    .select_from(TOOL_CALLS)
    .join(_OTHER, _OTHER.c.id == TOOL_CALLS.c.run_id)
    .join(_OTHER_TOP, _OTHER_TOP.c.id == func.coalesce(_OTHER.c.root_run_id, _OTHER.c.id))
    .where(text("saga_tool_calls.refused"), *_ALIKE, _OTHER_TOP.c.thread_id == _TOP.c.thread_id)
    .correlate(_TOP)
)
_COUNT = Prepared(
    select(_REPEATS.scalar_subquery().label("in_tree"), _REFUSALS.scalar_subquery().label("refused"))
    .select_from(_RUN)
    .join(_TOP, _TOP.c.id == func.coalesce(_RUN.c.root_run_id, _RUN.c.id))
    .where(_RUN.c.id == bindparam("run_id"))
)


def count_repeats(conn: Connection, run_id: str, *, tool: str, arguments_hash: str, but: str) -> tuple[int, int]:
    """How many there are in the tree, and how many refused ones in the thread; see `ToolCalls.repeats`."""
    values = {"run_id": run_id, "tool": tool, "arguments_hash": arguments_hash, "but": but}
    row = _COUNT.first(conn, values)
    if row is None:
        raise NotFound("run", run_id)
    in_tree, refused = row
    return int(in_tree), int(refused)


_SHAPE = Shape(ToolCall, TOOL_CALLS)
_COLUMNS = [TOOL_CALLS.c[name] for name in _SHAPE.columns]
_ONE = (TOOL_CALLS.c.run_id == bindparam("of_run"), TOOL_CALLS.c.call_id == bindparam("of_call"))
_FIND = Prepared(select(*_COLUMNS).where(*_ONE))
_FULL = select(TOOL_CALLS.c.full_result).where(*_ONE)
_START = Prepared(insert_new(TOOL_CALLS, _SHAPE.columns))
_FINISH = Prepared(
    update(TOOL_CALLS)
    .where(*_ONE, TOOL_CALLS.c.state == "started")
    .values({name: bindparam(name) for name in ("state", "ok", "result", "full_result", "ended_at")})
    .returning(*_COLUMNS),
    returns=_SHAPE.columns,
)
_REQUEST = (REQUESTS.c.id == bindparam("of_request"), REQUESTS.c.run_id == bindparam("of_run"))
_CONSUME = (
    update(REQUESTS)
    .where(*_REQUEST, REQUESTS.c.state == "answered")
    .values(state="consumed", consumed_by=bindparam("of_call"))
)
_CONSUMED = select(REQUESTS.c.state, REQUESTS.c.consumed_by).where(*_REQUEST)


class SqlToolCalls:
    """Calls by (run_id, call_id), in the order they were started."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def start(
        self, call: ToolCall, *, epoch: int, consume: str | None = None, audit: Sequence[AuditEntry] = ()
    ) -> ToolCall:
        row, entries = _SHAPE.row(call), audit_rows(audit)

        def job(conn: Connection) -> ToolCall:
            run = fenced_run(conn, call.run_id, epoch)
            stored = _find(conn, call.run_id, call.call_id) if has_ended(run.state) else None
            if stored is None or consume is not None:
                require_live(run)
            if consume is not None:
                _consume(conn, call, consume)
            add_audit(conn, entries)
            if stored is not None:
                return stored
            is_new = _START.do(conn, row) > 0
            return call if is_new else _stored(conn, call.run_id, call.call_id)

        return await self._database.write(job)

    async def finish(
        self, run_id: str, call_id: str, *, epoch: int, ok: bool, result: str, now: float, full: str | None = None
    ) -> ToolCall:
        outcome = {"state": "finished", "ok": ok, "result": result, "full_result": full, "ended_at": now}

        def job(conn: Connection) -> ToolCall:
            fenced_run(conn, run_id, epoch)
            row = _FINISH.record(conn, {"of_run": run_id, "of_call": call_id, **outcome})
            return _stored(conn, run_id, call_id) if row is None else _SHAPE.record(row)

        return await self._database.write(job)

    async def full_result(self, run_id: str, call_id: str) -> str | None:
        def job(conn: Connection) -> str | None:
            row = conn.execute(_FULL, {"of_run": run_id, "of_call": call_id}).first()
            if row is None:
                raise NotFound("tool call", call_id)
            return row.full_result

        return await self._database.read(job)

    async def repeats(self, run_id: str, *, tool: str, arguments_hash: str, but: str) -> Repeats:
        def job(conn: Connection) -> Repeats:
            in_tree, refused = count_repeats(conn, run_id, tool=tool, arguments_hash=arguments_hash, but=but)
            return Repeats(in_tree=in_tree, refused=refused, call=_find(conn, run_id, but))

        return await self._database.read(job)

    async def find(self, run_id: str, call_id: str) -> ToolCall | None:
        return await self._database.read(lambda conn: _find(conn, run_id, call_id))

    async def list(self, run_id: str) -> Sequence[ToolCall]:
        query = select(*_COLUMNS).where(TOOL_CALLS.c.run_id == run_id).order_by(TOOL_CALLS.c.key)
        return await self._database.read(lambda conn: [_SHAPE.model(row) for row in conn.execute(query)])


def _find(conn: Connection, run_id: str, call_id: str) -> ToolCall | None:
    row = _FIND.record(conn, {"of_run": run_id, "of_call": call_id})
    return None if row is None else _SHAPE.record(row)


def _stored(conn: Connection, run_id: str, call_id: str) -> ToolCall:
    call = _find(conn, run_id, call_id)
    if call is None:
        raise NotFound("tool call", call_id)
    return call


def _consume(conn: Connection, call: ToolCall, request_id: str) -> None:
    """Marks the answered request as consumed by the call; the lock on the run keeps others from it."""
    values = {"of_request": request_id, "of_run": call.run_id}
    if conn.execute(_CONSUME, {**values, "of_call": call.call_id}).rowcount > 0:
        return
    row = conn.execute(_CONSUMED, values).first()
    if row is None:
        raise NotFound("request", request_id)
    if (row.state, row.consumed_by) != ("consumed", call.call_id):
        raise RequestClosed(request_id, row.state)
