"""The start of a turn: which ids are free, where its messages stand, and the end of the run it supersedes."""

from __future__ import annotations

import json

from saga_agent.domain.journal import Message, NewTurn, Run
from saga_agent.domain.parts import PartsBuilder
from saga_agent.errors import AlreadyExists, MessageReplaced, NotFound, RunBusy
from saga_agent.storage.memory.detached import detached
from saga_agent.storage.memory.tables import Tables, has_ended

_SUPERSEDED = "Superseded by a new message."


def start_turn(tables: Tables, turn: NewTurn, *, now: float) -> Run:
    """Checks everything, then writes everything; see `Runs.start`."""
    run = turn.run
    if run.thread_id not in tables.threads:
        raise NotFound("thread", run.thread_id)
    live = [row for row in tables.runs.values() if row.thread_id == run.thread_id and not has_ended(row.state)]
    for other in live:
        if other.state != "waiting":
            raise RunBusy(run.thread_id, other.id)
    _require_free_ids(tables, turn)
    if turn.replaces is not None:
        standing(tables, run.thread_id, turn.replaces)
    user, assistant = _placed(tables, turn)

    for waiting in live:
        _supersede(tables, waiting, now=now)
    if turn.replaces is not None:
        _replace(tables, run.thread_id, turn.replaces)
    if user is not None:
        tables.messages[user.id] = detached(user)
    tables.messages[assistant.id] = detached(assistant)
    tables.runs[run.id] = run
    tables.streams[turn.stream.id] = turn.stream
    tables.deltas[turn.stream.id] = []
    return run


def standing(tables: Tables, thread_id: str, place: tuple[int, int]) -> Message:
    """The message that stands at that place of the thread; `NotFound`, `MessageReplaced`."""
    rows = tables.messages.values()
    found = next((row for row in rows if (row.thread_id, row.order, row.step_order) == (thread_id, *place)), None)
    if found is None:
        raise NotFound("message", f"{place[0]}.{place[1]}")
    if found.replaced:
        raise MessageReplaced(found.id)
    return found


def _require_free_ids(tables: Tables, turn: NewTurn) -> None:
    for message in (turn.user, turn.assistant):
        if message is not None and message.id in tables.messages:
            raise AlreadyExists("message", message.id)
    if turn.run.id in tables.runs:
        raise AlreadyExists("run", turn.run.id)
    if turn.stream.id in tables.streams:
        raise AlreadyExists("stream", turn.stream.id)


def _placed(tables: Tables, turn: NewTurn) -> tuple[Message | None, Message]:
    """The turn's messages at their (order, step_order): a new turn, or one more answer of an old one."""
    messages = [row for row in tables.messages.values() if row.thread_id == turn.run.thread_id]
    if turn.user is not None:
        order = max((row.order for row in messages), default=0) + 1
        user = turn.user.model_copy(update={"order": order, "step_order": 0})
        return user, turn.assistant.model_copy(update={"order": order, "step_order": 1})

    asked = tables.messages.get(turn.run.user_message_id)
    if asked is None or asked.thread_id != turn.run.thread_id:
        raise NotFound("message", turn.run.user_message_id)
    if asked.replaced:
        raise MessageReplaced(asked.id)
    last = max(row.step_order for row in messages if row.order == asked.order)
    return None, turn.assistant.model_copy(update={"order": asked.order, "step_order": last + 1})


def _replace(tables: Tables, thread_id: str, start: tuple[int, int]) -> None:
    for message in list(tables.messages.values()):
        if message.thread_id == thread_id and (message.order, message.step_order) >= start:
            tables.messages[message.id] = message.model_copy(update={"replaced": True})


def _supersede(tables: Tables, run: Run, *, now: float) -> None:
    """Ends the waiting run, and its subagents' runs as far as nobody holds them."""
    _end(tables, run, now=now)
    tables.wake(run.parent_run_id)
    for each in list(tables.descendants(run.id)):
        if each.state == "running":
            tables.runs[each.id] = each.model_copy(update={"stop_requested": True})
        elif not has_ended(each.state):
            _end(tables, each, now=now)


def _end(tables: Tables, run: Run, *, now: float) -> None:
    end = {"reason": _SUPERSEDED, "reason_code": "superseded", "ended_at": now, "runner": None, "lease_until": 0.0}
    tables.set_state(run, "stopped", **end)
    tables.supersede_requests(run.id)
    closed = {"state": "finished", "ok": False, "result": json.dumps({"error": _SUPERSEDED}), "ended_at": now}
    for key, call in tables.calls.items():
        if call.run_id == run.id and call.state == "started":
            tables.calls[key] = call.model_copy(update=closed)
    message = tables.messages[run.message_id]
    parts = PartsBuilder(message.parts).seal(_SUPERSEDED)
    tables.messages[message.id] = message.model_copy(update={"parts": parts})
