"""How often a call was made before, counted in one statement: it is asked before each call of a tool."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, func, not_, or_, select, text

from saga_agent.errors import NotFound
from saga_agent.storage.sql.prepared import Prepared
from saga_agent.storage.sql.tables import RUNS, TOOL_CALLS

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
