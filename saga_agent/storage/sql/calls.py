"""Tool calls: journalled before they run and after."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, insert, select, update

from saga_agent.domain.journal import ToolCall
from saga_agent.errors import NotFound, RequestClosed
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.fence import fenced_run, refuse_ended
from saga_agent.storage.sql.rows import Shape
from saga_agent.storage.sql.tables import REQUESTS, TOOL_CALLS

_SHAPE = Shape(ToolCall, TOOL_CALLS)
_ONE = (TOOL_CALLS.c.run_id == bindparam("of_run"), TOOL_CALLS.c.call_id == bindparam("of_call"))
_FIND = select(TOOL_CALLS).where(*_ONE)
_FINISH = (
    update(TOOL_CALLS)
    .where(*_ONE)
    .values({name: bindparam(name) for name in ("state", "ok", "result", "ended_at")})
)  # fmt: skip


class SqlToolCalls:
    """Calls by (run_id, call_id), in the order they were started."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def start(self, call: ToolCall, *, epoch: int, consume: str | None = None) -> ToolCall:
        row = _SHAPE.row(call)

        def job(conn: Connection) -> ToolCall:
            run = fenced_run(conn, call.run_id, epoch)
            stored = _find(conn, call.run_id, call.call_id)
            if stored is None or consume is not None:
                refuse_ended(run)
            if consume is not None:
                _consume(conn, call.run_id, consume)
            if stored is not None:
                return stored
            conn.execute(insert(TOOL_CALLS), row)
            return call

        return await self._database.write(job)

    async def finish(self, run_id: str, call_id: str, *, epoch: int, ok: bool, result: str, now: float) -> ToolCall:
        def job(conn: Connection) -> ToolCall:
            fenced_run(conn, run_id, epoch)
            call = _find(conn, run_id, call_id)
            if call is None:
                raise NotFound("tool call", call_id)
            if call.state != "started":
                return call
            outcome = {"state": "finished", "ok": ok, "result": result, "ended_at": now}
            conn.execute(_FINISH, {"of_run": run_id, "of_call": call_id, **outcome})
            return call.model_copy(update=outcome)

        return await self._database.write(job)

    async def find(self, run_id: str, call_id: str) -> ToolCall | None:
        return await self._database.read(lambda conn: _find(conn, run_id, call_id))

    async def list(self, run_id: str) -> Sequence[ToolCall]:
        query = select(TOOL_CALLS).where(TOOL_CALLS.c.run_id == run_id).order_by(TOOL_CALLS.c.key)
        return await self._database.read(lambda conn: [_SHAPE.model(row) for row in conn.execute(query)])


def _find(conn: Connection, run_id: str, call_id: str) -> ToolCall | None:
    row = conn.execute(_FIND, {"of_run": run_id, "of_call": call_id}).first()
    return None if row is None else _SHAPE.model(row)


def _consume(conn: Connection, run_id: str, request_id: str) -> None:
    one = (REQUESTS.c.id == request_id, REQUESTS.c.run_id == run_id)
    state = conn.execute(select(REQUESTS.c.state).where(*one).with_for_update()).scalar()
    if state is None:
        raise NotFound("request", request_id)
    if state != "answered":
        raise RequestClosed(request_id, state)
    conn.execute(update(REQUESTS).where(*one).values(state="consumed"))
