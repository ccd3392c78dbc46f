"""Adapters with one fault each in what they know of subagents, grants, the audit and the ends of requests."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from saga_agent.domain.journal import NewTurn, Repeats, Run, Thread, ToolCall, Usage
from saga_agent.domain.permissions import AuditEntry, Grant
from saga_agent.domain.record import JsonObject, Page
from saga_agent.domain.requests import Reply, Request
from saga_agent.errors import RequestClosed
from saga_agent.storage.memory.calls import MemoryToolCalls
from saga_agent.storage.memory.permissions import MemoryAudit, MemoryGrants, MemoryRequests
from saga_agent.storage.memory.runs import MemoryRuns
from saga_agent.storage.memory.tables import Tables
from saga_agent.storage.memory.threads import MemoryThreads


def _without_family(tables: Tables) -> dict[str, Run]:
    """The runs as an adapter knows them that has never heard of subagents."""
    return {key: run.model_copy(update={"parent_run_id": None}) for key, run in tables.runs.items()}


class KnowsNoChildren(MemoryRuns):
    async def list(self, *, parent_run_id: str | None = None, **arguments: Any) -> Sequence[Run]:
        return await super().list(**arguments)


class StopsOneRun(MemoryRuns):
    async def request_stop(self, run_id: str) -> Run:
        before = dict(self._tables.runs)
        stopped = await super().request_stop(run_id)
        self._tables.runs |= {**before, run_id: stopped}
        return stopped


class StopsAtAnEndedRun(MemoryRuns):
    async def request_stop(self, run_id: str) -> Run:
        run = await self.get(run_id)
        return run if run.ended_at is not None else await super().request_stop(run_id)


class SupersedesOneRun(MemoryRuns):
    async def start(self, turn: NewTurn, *, now: float) -> Run:
        family = {key: run.parent_run_id for key, run in self._tables.runs.items()}
        self._tables.runs |= _without_family(self._tables)
        started = await super().start(turn, now=now)
        for key, parent_run_id in family.items():
            run = self._tables.runs[key]
            self._tables.runs[key] = run.model_copy(update={"parent_run_id": parent_run_id})
        return started


class SupersedesWhoIsAtWork(MemoryRuns):
    async def start(self, turn: NewTurn, *, now: float) -> Run:
        started = await super().start(turn, now=now)
        for run in list(self._tables.runs.values()):
            if run.stop_requested and run.state == "running":
                self._tables.set_state(run, "stopped")
        return started


class WakesNoParent(MemoryRuns):
    async def finish(self, run_id: str, **arguments: Any) -> Run:
        parent_run_id = (await self.get(run_id)).parent_run_id
        before = self._tables.runs.get(parent_run_id or "")
        ended = await super().finish(run_id, **arguments)
        if before is not None:
            self._tables.set_state(before, before.state)
        return ended


class WakesAParentTwice(MemoryRuns):
    async def finish(self, run_id: str, **arguments: Any) -> Run:
        self._tables.wake((await self.get(run_id)).parent_run_id)
        return await super().finish(run_id, **arguments)


class PausesWithoutALook(MemoryRuns):
    async def pause(self, run_id: str, **arguments: Any) -> Run:
        return self._tables.set_state(await super().pause(run_id, **arguments), "waiting")


class QueuesForeverAfterAChild(MemoryRuns):
    def _has_news(self, run_id: str) -> bool:
        ended = (run.parent_run_id for run in self._tables.runs.values() if run.ended_at is not None)
        return run_id in ended or super()._has_news(run_id)


class QueuesForeverAfterAnExpiry(MemoryRuns):
    def _has_news(self, run_id: str) -> bool:
        over = (row.run_id for row in self._tables.requests.values() if row.state == "expired")
        return run_id in over or super()._has_news(run_id)


class CountsTheLastAttempt(MemoryRuns):
    async def finish(self, run_id: str, *, usage: Sequence[Usage], **arguments: Any) -> Run:
        for key in [key for key in self._tables.usage if key[0] == run_id]:
            del self._tables.usage[key]
        return await super().finish(run_id, usage=usage, **arguments)


class ForgetsTheUsageOfAPause(MemoryRuns):
    async def pause(self, run_id: str, *, epoch: int, parts: Sequence[JsonObject], usage: Sequence[Usage] = ()) -> Run:
        return await super().pause(run_id, epoch=epoch, parts=parts)


class ForgetsWhyItEnded(MemoryRuns):
    async def finish(self, run_id: str, **arguments: Any) -> Run:
        return await super().finish(run_id, **{**arguments, "reason_code": ""})


class ListsOwnRequests(MemoryRequests):
    async def list(self, *, root_run_id: str | None = None, **arguments: Any) -> Sequence[Request]:
        found = await super().list(**arguments)
        return [row for row in found if root_run_id in (None, row.root_run_id)]


class AnswersAnyRun(MemoryRequests):
    async def answer(self, run_id: str, replies: Mapping[str, Reply], **arguments: Any) -> Sequence[str]:
        woken: list[str] = []
        for request_id, reply in replies.items():
            owner = (await self.get(request_id)).run_id
            woken += await super().answer(owner, {request_id: reply}, **arguments)
        return woken


class WakesTheRoot(MemoryRequests):
    async def answer(self, run_id: str, replies: Mapping[str, Reply], **arguments: Any) -> Sequence[str]:
        woken = await super().answer(run_id, replies, **arguments)
        return [*woken, run_id] if self._tables.wake(run_id) else woken


class NamesEveryRun(MemoryRequests):
    async def answer(self, run_id: str, replies: Mapping[str, Reply], **arguments: Any) -> Sequence[str]:
        await super().answer(run_id, replies, **arguments)
        return sorted({self._tables.requests[each].run_id for each in replies})


class ForgetsTheTime(MemoryRequests):
    async def answer(self, run_id: str, replies: Mapping[str, Reply], *, now: float, **arguments: Any) -> Sequence[str]:
        return await super().answer(run_id, replies, now=0.0, **arguments)


class RefusesARepeatAfterItsTime(MemoryRequests):
    async def answer(self, run_id: str, replies: Mapping[str, Reply], *, now: float, **arguments: Any) -> Sequence[str]:
        for request_id in replies:
            if ((await self.get(request_id)).expires_at or now + 1) <= now:
                raise RequestClosed(request_id, "expired")
        return await super().answer(run_id, replies, now=now, **arguments)


class ExpiresWithoutWaking(MemoryRequests):
    async def expire(self, *, now: float) -> Sequence[str]:
        states = {run.id: run for run in self._tables.runs.values()}
        woken = await super().expire(now=now)
        for run_id in woken:
            self._tables.set_state(states[run_id], "waiting")
        return woken


class ExpiresWhatIsAnswered(MemoryRequests):
    async def expire(self, *, now: float) -> Sequence[str]:
        woken = await super().expire(now=now)
        for row in [row for row in self._tables.requests.values() if (row.expires_at or now + 1) <= now]:
            self._tables.requests[row.id] = row.model_copy(update={"state": "expired"})
        return woken


class ClosesWithoutAFence(MemoryRequests):
    async def close(self, request_id: str, **arguments: Any) -> Request:
        run = self._tables.run((await self.get(request_id)).run_id)
        return await super().close(request_id, **{**arguments, "epoch": run.epoch})


class ClosesWhatIsPending(MemoryRequests):
    async def close(self, request_id: str, **arguments: Any) -> Request:
        request = await self.get(request_id)
        return request if request.state == "answered" else await super().close(request_id, **arguments)


class ClosesTwice(MemoryRequests):
    async def close(self, request_id: str, *, audit: Sequence[AuditEntry] = (), **arguments: Any) -> Request:
        self._tables.add_audit(audit)
        return await super().close(request_id, **arguments)


class GrantsBeforeItAnswers(MemoryRequests):
    async def answer(
        self, run_id: str, replies: Mapping[str, Reply], *, grants: Sequence[Grant] = (), **arguments: Any
    ) -> Sequence[str]:
        self._add_grants(grants)
        return await super().answer(run_id, replies, **arguments)


class GrantsInASecondStep(MemoryRequests):
    async def answer(
        self, run_id: str, replies: Mapping[str, Reply], *, grants: Sequence[Grant] = (), **arguments: Any
    ) -> Sequence[str]:
        woken = await super().answer(run_id, replies, **arguments)
        await asyncio.sleep(0)
        self._add_grants(grants)
        return woken


class GrantsAgain(MemoryRequests):
    def _add_grants(self, grants: Sequence[Grant]) -> None:
        self._tables.grants |= {grant.id: grant for grant in grants}


class AuditsARepeatedOpen(MemoryRequests):
    async def open(self, request: Request, *, epoch: int, audit: Sequence[AuditEntry] = ()) -> Request:
        stored = await super().open(request, epoch=epoch)
        self._tables.add_audit(audit)
        return stored


class AuditsNoAnswer(MemoryRequests):
    async def answer(
        self, run_id: str, replies: Mapping[str, Reply], *, audit: Sequence[AuditEntry] = (), **arguments: Any
    ) -> Sequence[str]:
        return await super().answer(run_id, replies, **arguments)


class AuditsARefusedStart(MemoryToolCalls):
    async def start(self, call: ToolCall, *, audit: Sequence[AuditEntry] = (), **arguments: Any) -> ToolCall:
        self._tables.add_audit(audit)
        return await super().start(call, **arguments)


class ConsumesForAnyone(MemoryToolCalls):
    def _consume(self, call: ToolCall, request_id: str) -> None:
        self._tables.consumed_by.update(dict.fromkeys(self._tables.consumed_by, call.call_id))
        super()._consume(call, request_id)


class RefusesARepeatedStart(MemoryToolCalls):
    def _consume(self, call: ToolCall, request_id: str) -> None:
        self._tables.consumed_by.clear()
        super()._consume(call, request_id)


class ForgetsTheWholeText(MemoryToolCalls):
    async def full_result(self, run_id: str, call_id: str) -> str | None:
        await super().full_result(run_id, call_id)
        return self._tables.calls[run_id, call_id].result


class CountsItself(MemoryToolCalls):
    async def repeats(self, run_id: str, *, tool: str, arguments_hash: str, but: str) -> Repeats:
        return await super().repeats(run_id, tool=tool, arguments_hash=arguments_hash, but="")


class CountsWithoutTheCall(MemoryToolCalls):
    async def repeats(self, run_id: str, *, tool: str, arguments_hash: str, but: str) -> Repeats:
        repeats = await super().repeats(run_id, tool=tool, arguments_hash=arguments_hash, but=but)
        return repeats if repeats.in_tree else repeats.model_copy(update={"call": None})


class CountsOneRun(MemoryToolCalls):
    def _top(self, run: Run) -> Run:
        return run


class CountsRefusalsOfOneTree(MemoryToolCalls):
    def _top(self, run: Run) -> Run:
        top = super()._top(run)
        return top.model_copy(update={"thread_id": top.id})


class KnowsRevokedGrants(MemoryGrants):
    async def in_force(self, owner_id: str, scope_ids: Sequence[str], *, tool: str, now: float) -> Sequence[Grant]:
        found = [row for row in await self.list(owner_id) if row.scope_id in scope_ids and row.tool == tool]
        return sorted((row for row in found if (row.expires_at or now + 1) > now), key=lambda row: row.id)


class LetsGrantsLast(MemoryGrants):
    async def in_force(self, owner_id: str, scope_ids: Sequence[str], *, tool: str, now: float) -> Sequence[Grant]:
        return await super().in_force(owner_id, scope_ids, tool=tool, now=0.0)


class GrantsToAllOwners(MemoryGrants):
    async def in_force(self, owner_id: str, scope_ids: Sequence[str], *, tool: str, now: float) -> Sequence[Grant]:
        owners = {row.owner_id for row in self._tables.grants.values()}
        return [
            row
            for each in owners
            for row in await super(GrantsToAllOwners, self).in_force(each, scope_ids, tool=tool, now=now)
        ]


class RevokesAgain(MemoryGrants):
    async def revoke(self, grant_id: str, *, by: str, now: float, audit: Sequence[AuditEntry] = ()) -> Grant:
        standing = (await self.get(grant_id)).model_copy(update={"revoked_at": None})
        self._tables.grants[grant_id] = standing
        return await super().revoke(grant_id, by=by, now=now, audit=audit)


class ListsGrantsInForce(MemoryGrants):
    async def list(self, owner_id: str, *, scope_id: str | None = None) -> Sequence[Grant]:
        return [row for row in await super().list(owner_id, scope_id=scope_id) if row.revoked_at is None]


class RewritesTheAudit(MemoryAudit):
    async def add(self, entries: Sequence[AuditEntry]) -> None:
        for entry in entries:
            self._tables.audit.pop(entry.id, None)
        await super().add(entries)


class SortsTheAuditById(MemoryAudit):
    async def list(self, owner_id: str, **arguments: Any) -> Page[AuditEntry]:
        found = await super().list(owner_id, **arguments)
        return Page(tuple(sorted(found.items, key=lambda entry: entry.id)), found.next)


class ListsTheAuditOfAll(MemoryAudit):
    async def list(self, owner_id: str, *, after: str | None = None, limit: int = 100, **_: Any) -> Page[AuditEntry]:
        return await super().list(owner_id, after=after, limit=limit)


class ListsSubagents(MemoryThreads):
    async def list(self, owner_id: str, **arguments: Any) -> Page[Thread]:
        return await super().list(owner_id, **{**arguments, "children": True})


class LeavesSubagents(MemoryThreads):
    async def delete(self, thread_id: str) -> None:
        kept = {key: row for key, row in self._tables.threads.items() if row.parent_run_id is not None}
        for key in kept:
            del self._tables.threads[key]
        await super().delete(thread_id)
        self._tables.threads |= kept


class LeavesGrants(MemoryThreads):
    async def delete(self, thread_id: str) -> None:
        kept = dict(self._tables.grants)
        await super().delete(thread_id)
        self._tables.grants |= kept


class LeavesTheAudit(MemoryThreads):
    async def delete(self, thread_id: str) -> None:
        kept = dict(self._tables.audit)
        await super().delete(thread_id)
        self._tables.audit |= kept


class LooksAtOwnRuns(MemoryThreads):
    async def delete(self, thread_id: str) -> None:
        for run in [run for run in self._tables.runs.values() if run.parent_run_id is not None]:
            self._tables.runs[run.id] = run.model_copy(update={"state": "stopped"})
        await super().delete(thread_id)
