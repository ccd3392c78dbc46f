"""Runs: started with their turn, taken, kept, paused and ended."""

from __future__ import annotations

from collections.abc import Sequence

from saga_agent.domain.journal import EndState, Keep, Kept, NewTurn, ReasonCode, Run, RunState, Usage
from saga_agent.domain.record import JsonObject
from saga_agent.errors import RunBusy, RunFailed, StaleEpoch
from saga_agent.storage.memory.detached import detached
from saga_agent.storage.memory.tables import AT_WORK, Tables, has_ended, is_held
from saga_agent.storage.memory.turns import start_turn


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
        if has_ended(run.state):
            raise RunFailed(run_id, run.state, run.reason)
        if is_held(run, now=now) and not (run.state == "queued" and run.runner == runner):
            raise RunBusy(run.thread_id, run_id)
        epoch, attempts = run.epoch + 1, run.attempts + 1
        return self._tables.set_state(
            run, "running", epoch=epoch, attempts=attempts, runner=runner, lease_until=lease_until
        )

    async def renew(self, run_id: str, *, epoch: int, lease_until: float) -> Run:
        run = self._tables.fenced(run_id, epoch)
        if run.state in AT_WORK:
            run = run.model_copy(update={"lease_until": lease_until})
            self._tables.runs[run_id] = run
        return run

    async def pause(self, run_id: str, *, epoch: int, parts: Sequence[JsonObject], usage: Sequence[Usage] = ()) -> Run:
        run = self._tables.fenced(run_id, epoch)
        if has_ended(run.state):
            raise RunFailed(run_id, run.state, run.reason)
        self._write_message(run, {"parts": tuple(parts)})
        self._tables.store_usage(usage)
        state = "queued" if self._has_news(run_id) else "waiting"
        return self._tables.set_state(run, state, runner=None, lease_until=0.0, attempts=0)

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
        if epoch is not None and epoch != run.epoch:
            raise StaleEpoch(run_id, epoch=epoch, current=run.epoch)
        if run.state == state:
            return run
        if has_ended(run.state):
            raise RunFailed(run_id, run.state, run.reason)
        if epoch is None and is_held(run, now=now):
            raise RunBusy(run.thread_id, run_id)

        self._write_message(run, {"metadata": metadata, **({} if parts is None else {"parts": tuple(parts)})})
        self._tables.supersede_requests(run_id)
        self._tables.store_usage(usage)
        self._tables.wake(run.parent_run_id)
        end = {"reason": reason, "reason_code": reason_code, "ended_at": now, "runner": None, "lease_until": 0.0}
        return self._tables.set_state(run, state, **end)

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
