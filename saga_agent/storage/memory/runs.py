"""Runs: started with their turn, taken, kept, paused and ended; and the leases of those who hold them."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

from saga_agent.domain.journal import EndState, HeldRun, Keep, Kept, Message, NewTurn, ReasonCode, Run, RunState, Usage
from saga_agent.domain.parts import PartsBuilder
from saga_agent.domain.record import JsonObject
from saga_agent.domain.run_rules import AT_WORK, SUPERSEDED, ended, has_ended, may_end, paused, require_live, taken
from saga_agent.errors import AlreadyExists, MessageReplaced, NotFound, RunBusy
from saga_agent.storage.memory.tables import Tables, detached


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
    tables.set_state(run, "stopped", **ended(reason=SUPERSEDED, reason_code="superseded", now=now))
    tables.supersede_requests(run.id)
    closed = {"state": "finished", "ok": False, "result": json.dumps({"error": SUPERSEDED}), "ended_at": now}
    for key, call in tables.calls.items():
        if call.run_id == run.id and call.state == "started":
            tables.calls[key] = call.model_copy(update=closed)
    message = tables.messages[run.message_id]
    parts = PartsBuilder(message.parts).seal(SUPERSEDED)
    tables.messages[message.id] = message.model_copy(update={"parts": parts})


class MemoryLeases:
    """Who holds the runs that are at work."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def now(self) -> float:
        return time.time()

    async def held(self, runner: str) -> Sequence[HeldRun]:
        return [HeldRun(run.id, run.stop_requested) for run in self._held_by(runner)]

    async def renew(self, runner: str, *, lease_until: float) -> Sequence[HeldRun]:
        for run in self._held_by(runner):
            self._tables.runs[run.id] = run.model_copy(update={"lease_until": lease_until})
        return await self.held(runner)

    async def holders(self) -> Sequence[str]:
        names = {run.runner for run in self._tables.runs.values() if run.state in AT_WORK}
        return [name for name in names if name is not None]

    async def left(self, *, now: float, runners: Sequence[str] = (), limit: int = 1000) -> Sequence[Run]:
        found = [
            run
            for run in self._tables.runs.values()
            if (run.state in AT_WORK and (run.lease_until <= now or run.runner in runners))
            or (run.state == "waiting" and run.stop_requested)
        ]
        return sorted(found, key=lambda run: (run.created_at, run.id))[:limit]

    def _held_by(self, runner: str) -> list[Run]:
        return [run for run in self._tables.runs.values() if run.state in AT_WORK and run.runner == runner]


class MemoryRuns:
    """Turns being executed."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def start(self, turn: NewTurn, *, now: float) -> Run:
        return start_turn(self._tables, turn, now=now)

    async def get(self, run_id: str) -> Run:
        return self._tables.run(run_id)

    async def list(
        self,
        *,
        thread_id: str | None = None,
        owner_id: str | None = None,
        parent_run_id: str | None = None,
        states: Sequence[RunState] = (),
        limit: int = 100,
        project_id: str | None = None,
    ) -> Sequence[Run]:
        found = [
            run
            for run in self._tables.runs.values()
            if thread_id in (None, run.thread_id)
            and owner_id in (None, run.owner_id)
            and project_id in (None, run.project_id)
            and (parent_run_id is None or run.parent_run_id == parent_run_id)
            and (not states or run.state in states)
        ]
        return sorted(found, key=lambda run: (run.created_at, run.id), reverse=True)[:limit]

    async def take(self, run_id: str, *, runner: str, lease_until: float, now: float) -> Run:
        run = self._tables.run(run_id)
        changes = taken(run, runner=runner, lease_until=lease_until, now=now)
        return self._tables.set_state(run, "running", **changes)

    async def renew(self, run_id: str, *, epoch: int, lease_until: float) -> Run:
        run = self._tables.fenced(run_id, epoch)
        if run.state in AT_WORK:
            run = run.model_copy(update={"lease_until": lease_until})
            self._tables.runs[run_id] = run
        return run

    async def pause(self, run_id: str, *, epoch: int, parts: Sequence[JsonObject], usage: Sequence[Usage] = ()) -> Run:
        run = self._tables.fenced(run_id, epoch)
        require_live(run)
        self._write_message(run, {"parts": tuple(parts)})
        self._tables.store_usage(usage)
        state = "queued" if self._has_news(run_id) else "waiting"
        return self._tables.set_state(run, state, **paused())

    async def finish(
        self,
        run_id: str,
        *,
        epoch: int | None,
        state: EndState,
        parts: Sequence[JsonObject] | None,
        metadata: JsonObject,
        reason: str,
        usage: Sequence[Usage],
        now: float,
        reason_code: ReasonCode = "",
    ) -> Run:
        run = self._tables.run(run_id)
        if not may_end(run, state, epoch=epoch, now=now):
            return run
        self._write_message(run, {"metadata": metadata, **({} if parts is None else {"parts": tuple(parts)})})
        self._tables.supersede_requests(run_id)
        self._tables.store_usage(usage)
        self._tables.wake(run.parent_run_id)
        return self._tables.set_state(run, state, **ended(reason=reason, reason_code=reason_code, now=now))

    async def request_stop(self, run_id: str) -> Run:
        run = self._tables.run(run_id)
        for each in (run, *self._tables.descendants(run_id)):
            if not has_ended(each.state):
                self._tables.runs[each.id] = each.model_copy(update={"stop_requested": True})
        return self._tables.run(run_id)

    async def prune(
        self, *, keep: Keep = "last", what: Sequence[Kept] = ("checkpoints", "streams"), run_id: str | None = None
    ) -> int:
        if keep == "all":
            return 0
        runs, count = self._tables.runs, 0
        roots = [run for run in runs.values() if run.root_run_id is None]
        last = {run.thread_id: run.id for run in sorted(roots, key=lambda run: (run.created_at, run.id))}
        if run_id is not None:
            asked = runs.get(runs[run_id].root_id) if run_id in runs else None
            roots = [root for root in roots if asked is not None and root.thread_id == asked.thread_id]
        for root in [root for root in roots if has_ended(root.state)]:
            if keep == "none" or last[root.thread_id] != root.id:
                below = [run for run in runs.values() if run.root_id == root.id and has_ended(run.state)]
                count += sum([self._let_go(run, what) for run in below])
        return count

    async def usage(self, run_id: str) -> Sequence[Usage]:
        found = [row for row in self._tables.usage.values() if row.run_id == run_id]
        return sorted(found, key=lambda row: (row.step, row.epoch))

    def _has_news(self, run_id: str) -> bool:
        """Whether something that the run waits for has come: an answer, the end of a request's time, or of a child."""
        requests = [request for request in self._tables.requests.values() if request.run_id == run_id]
        if any(request.state == "answered" for request in requests):
            return True
        over = {request.call_id for request in requests if request.state == "expired"}
        over |= {
            child.parent_call_id
            for child in self._tables.runs.values()
            if child.parent_run_id == run_id and child.parent_call_id is not None and has_ended(child.state)
        }
        calls = (self._tables.calls.get((run_id, call_id)) for call_id in over)
        return any(call is None or call.state == "started" for call in calls)

    def _let_go(self, run: Run, what: Sequence[Kept]) -> bool:
        """Empties what the run has left; whether there was anything."""
        found, tables = False, self._tables
        if "streams" in what and tables.deltas[run.stream_id]:
            found = True
            tables.deltas[run.stream_id].clear()
        if "checkpoints" in what:
            for rows in (tables.checkpoints, tables.writes, tables.blobs):
                keys = [key for key in rows if key[0] == run.id]
                found = found or bool(keys)
                for key in keys:
                    del rows[key]  # pyright: ignore[reportArgumentType] - each key is one of those rows
        return found

    def _write_message(self, run: Run, changes: JsonObject | dict[str, object]) -> None:
        message = self._tables.messages[run.message_id]
        self._tables.messages[run.message_id] = detached(message.model_copy(update=changes))
