"""The start of a turn: which ids are free, where its messages stand, and the end of the run it supersedes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from pydantic_core import from_json
from sqlalchemy import ColumnElement, Connection, Table, bindparam, func, select, text, tuple_, update

from saga_agent.domain.journal import Message, NewTurn, Run, Stream
from saga_agent.domain.parts import PartsBuilder
from saga_agent.domain.run_rules import SUPERSEDED, ended, has_ended
from saga_agent.errors import AlreadyExists, MessageReplaced, NotFound, RunBusy
from saga_agent.storage.sql.engine.rows import Shape, json_text
from saga_agent.storage.sql.engine.statements import Prepared, inserting, with_id
from saga_agent.storage.sql.journal.run_rows import RUN, locked_run, locked_tree, set_state, supersede_requests, wake
from saga_agent.storage.sql.tables.definitions import MESSAGES, RUNS, STREAMS, THREADS, TOOL_CALLS

_MESSAGE = Shape(Message, MESSAGES)
_STREAM = Shape(Stream, STREAMS)
_LOCK_THREAD = Prepared(select(THREADS.c.id).where(THREADS.c.id == bindparam("thread_id")).with_for_update())
_LIVE_RUNS = Prepared(
    select(RUNS)
    .where(RUNS.c.thread_id == bindparam("thread_id"), text("state IN ('queued', 'running', 'waiting')"))
    .with_for_update()
)
_LAST_ORDER = Prepared(select(func.max(MESSAGES.c.order)).where(MESSAGES.c.thread_id == bindparam("thread_id")))


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnRows:
    """The rows of a turn, but for the places of its messages."""

    user: Mapping[str, object] | None
    assistant: Mapping[str, object]
    run: Mapping[str, object]
    stream: Mapping[str, object]

    @classmethod
    def of(cls, turn: NewTurn) -> Self:
        """The rows; `InvalidInput` for what cannot be stored."""
        return cls(
            user=None if turn.user is None else _MESSAGE.row(turn.user),
            assistant=_MESSAGE.row(turn.assistant),
            run=RUN.row(turn.run),
            stream={**_STREAM.row(turn.stream), "epoch": turn.run.epoch},
        )


def start_turn(conn: Connection, turn: NewTurn, rows: TurnRows, *, now: float) -> Run:
    """Checks everything, then writes everything; see `Runs.start`."""
    thread_id = turn.run.thread_id
    # The lock on the thread lets its turns start one after the other.
    if _LOCK_THREAD.first(conn, {"thread_id": thread_id}) is None:
        raise NotFound("thread", thread_id)
    waiting = _waiting(conn, thread_id)
    _require_free_ids(conn, turn)
    if turn.replaces is not None:
        standing(conn, thread_id, turn.replaces)
    order, step_order = _place(conn, turn)

    for run in waiting:
        _supersede(conn, run, now=now)
    if turn.replaces is not None:
        conn.execute(update(MESSAGES).where(*_from(thread_id, turn.replaces)).values(replaced=True))
    if rows.user is not None:
        inserting(MESSAGES).do(conn, {**rows.user, "order": order, "step_order": 0})
    inserting(MESSAGES).do(conn, {**rows.assistant, "order": order, "step_order": step_order})
    inserting(RUNS).do(conn, rows.run)
    inserting(STREAMS).do(conn, rows.stream)
    return turn.run


def standing(conn: Connection, thread_id: str, place: tuple[int, int]) -> tuple[str, str | None]:
    """State and run of the message that stands at that place of the thread; `NotFound`, `MessageReplaced`."""
    of_place = (MESSAGES.c.thread_id == thread_id, MESSAGES.c.order == place[0], MESSAGES.c.step_order == place[1])
    query = select(MESSAGES.c.id, MESSAGES.c.replaced, MESSAGES.c.state, MESSAGES.c.run_id).where(*of_place)
    found = conn.execute(query).first()
    if found is None:
        raise NotFound("message", f"{place[0]}.{place[1]}")
    if found.replaced:
        raise MessageReplaced(found.id)
    return found.state, found.run_id


def _waiting(conn: Connection, thread_id: str) -> list[Run]:
    """The thread's runs that wait for the writer; `RunBusy` if one is at work."""
    live = [RUN.record(row) for row in _LIVE_RUNS.records(conn, {"thread_id": thread_id})]
    for run in live:
        if run.state != "waiting":
            raise RunBusy(thread_id, run.id)
    return live


def _require_free_ids(conn: Connection, turn: NewTurn) -> None:
    if turn.user is not None:
        _require_free(conn, MESSAGES, "message", turn.user.id)
    _require_free(conn, MESSAGES, "message", turn.assistant.id)
    _require_free(conn, RUNS, "run", turn.run.id)
    _require_free(conn, STREAMS, "stream", turn.stream.id)


def _require_free(conn: Connection, table: Table, kind: str, key: str) -> None:
    if with_id(table).first(conn, {"of_id": key}) is not None:
        raise AlreadyExists(kind, key)


def _place(conn: Connection, turn: NewTurn) -> tuple[int, int]:
    """The assistant message's (order, step_order): a new turn, or one more answer of an old one."""
    if turn.user is not None:
        last = _LAST_ORDER.first(conn, {"thread_id": turn.run.thread_id})
        return (last[0] or 0 if last else 0) + 1, 1
    of_thread = MESSAGES.c.thread_id == turn.run.thread_id
    asked = select(MESSAGES.c.order, MESSAGES.c.replaced)
    question = conn.execute(asked.where(of_thread, MESSAGES.c.id == turn.run.user_message_id)).first()
    if question is None:
        raise NotFound("message", turn.run.user_message_id)
    order, is_replaced = question
    if is_replaced:
        raise MessageReplaced(turn.run.user_message_id)
    last = conn.execute(
        select(func.max(MESSAGES.c.step_order)).where(of_thread, MESSAGES.c.order == order)
    ).scalar_one()
    return order, last + 1


def _from(thread_id: str, start: tuple[int, int]) -> tuple[ColumnElement[bool], ...]:
    return MESSAGES.c.thread_id == thread_id, tuple_(MESSAGES.c.order, MESSAGES.c.step_order) >= tuple_(*start)


def _supersede(conn: Connection, run: Run, *, now: float) -> None:
    """Ends the waiting run, and its subagents' runs as far as nobody holds them."""
    _, below = locked_tree(conn, run.id)
    _end(conn, run, now=now)
    if run.parent_run_id is not None:
        wake(conn, [locked_run(conn, run.parent_run_id)])
    for each in below:
        if each.state == "running":
            conn.execute(update(RUNS).where(RUNS.c.id == each.id).values(stop_requested=True))
        elif not has_ended(each.state):
            _end(conn, each, now=now)


def _end(conn: Connection, run: Run, *, now: float) -> None:
    parts = conn.execute(select(MESSAGES.c.parts).where(MESSAGES.c.id == run.message_id)).scalar_one()
    sealed = {"parts": json_text(PartsBuilder(from_json(parts)).seal(SUPERSEDED))}
    end = ended(reason=SUPERSEDED, reason_code="superseded", now=now)
    set_state(conn, run, "stopped", end, message=sealed)
    supersede_requests(conn, run.id)
    closed = {"state": "finished", "ok": False, "result": json.dumps({"error": SUPERSEDED}), "ended_at": now}
    started = (TOOL_CALLS.c.run_id == run.id, TOOL_CALLS.c.state == "started")
    conn.execute(update(TOOL_CALLS).where(*started).values(closed))
