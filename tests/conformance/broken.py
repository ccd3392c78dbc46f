"""Adapters with one fault each, to see that the kit finds it; the faults are ones that real adapters have had."""

from __future__ import annotations

import asyncio
import json
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from saga_agent.domain.accounts import Account, Reservation
from saga_agent.domain.document import Document
from saga_agent.domain.entity import Entity
from saga_agent.domain.journal import HeldRun, Run, ToolCall
from saga_agent.domain.notes import Mention
from saga_agent.domain.record import Page, Revisions
from saga_agent.domain.requests import Reply
from saga_agent.errors import SeqConflict, SeqGap, StaleEpoch
from saga_agent.storage.memory.accounts import MemoryHoldings, MemoryQuota
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.storage.memory.calls import MemoryToolCalls
from saga_agent.storage.memory.checkpoints import MemoryCheckpoints
from saga_agent.storage.memory.owners import MemoryOwners
from saga_agent.storage.memory.passages import MemoryPassages
from saga_agent.storage.memory.permissions import MemoryRequests
from saga_agent.storage.memory.runs import MemoryLeases, MemoryRuns
from saga_agent.storage.memory.story import MemoryDocuments, MemoryEntities, MemoryMentions
from saga_agent.storage.memory.streams import MemoryStreams
from saga_agent.storage.memory.tables import Tables
from saga_agent.storage.memory.threads import MemoryThreads


class LastWriterWins(MemoryEntities):
    async def update(self, record: Entity, *, expected_rev: int) -> Entity:
        return await super().update(record, expected_rev=(await self.get(record.project_id, record.id)).rev)


class ReadsThenWrites(MemoryEntities):
    async def update(self, record: Entity, *, expected_rev: int) -> Entity:
        current = self._stored(record.project_id, record.id)
        await asyncio.sleep(0)
        self._rows[record.project_id, record.id] = current
        return await super().update(record, expected_rev=expected_rev)


class PagesByOffset(MemoryEntities):
    async def list(
        self, project_id: str, *, where: Mapping[str, str] | None = None, after: str | None = None, limit: int = 100
    ) -> Page[Entity]:
        everything = (await super().list(project_id, where=where, limit=10**6)).items
        first = int(after or 0)
        more = len(everything) > first + limit
        return Page(everything[first : first + limit], str(first + limit) if more else None)


class PurgesEverything(MemoryEntities):
    async def purge(self, project_id: str) -> None:
        self._rows.clear()


class StoresSomeOfABatch(MemoryEntities):
    async def create_many(self, records: Sequence[Entity]) -> Sequence[Entity]:
        return [await self.create(record) for record in records]


class SharesWhatItIsGiven(MemoryEntities):
    async def create(self, record: Entity) -> Entity:
        await super().create(record)
        self._rows[record.project_id, record.id] = record
        return record


class IgnoresUnknownFilters(MemoryEntities):
    async def list(
        self, project_id: str, *, where: Mapping[str, str] | None = None, after: str | None = None, limit: int = 100
    ) -> Page[Entity]:
        known = {name: value for name, value in (where or {}).items() if name in ("type", "ai_visibility")}
        return await super().list(project_id, where=known, after=after, limit=limit)


class KeepsOldNames(MemoryEntities):
    async def update(self, record: Entity, *, expected_rev: int) -> Entity:
        self._old = {**getattr(self, "_old", {}), record.id: await self.get(record.project_id, record.id)}
        return await super().update(record, expected_rev=expected_rev)

    async def named(self, project_id: str, words: Sequence[str], *, limit: int = 100) -> Sequence[Entity]:
        old = [entity for entity in getattr(self, "_old", {}).values() if entity.name_words() & set(words)]
        return [*await super().named(project_id, words, limit=limit), *old][:limit]


class CountsOtherProjects(MemoryEntities):
    async def revisions(self, project_id: str, *, since: str | None = None) -> Revisions:
        return Revisions({entity.id: entity.rev for entity in self._rows.values()})


class TellsOfNothingGone(MemoryEntities):
    async def revisions(self, project_id: str, *, since: str | None = None) -> Revisions:
        return replace(await super().revisions(project_id, since=since), gone=frozenset())


class KeepsMarksForEver(MemoryEntities):
    async def purge(self, project_id: str) -> None:
        log = self._log[project_id]
        await super().purge(project_id)
        self._log[project_id] = log


class NormalisesText(MemoryEntities):
    async def create(self, record: Entity) -> Entity:
        return await super().create(record.model_copy(update={"summary": unicodedata.normalize("NFC", record.summary)}))


class RoundsFloats(MemoryEntities):
    async def create(self, record: Entity) -> Entity:
        fields = json.loads(json.dumps(record.fields), parse_float=lambda text: round(float(text), 6))
        return await super().create(record.model_copy(update={"fields": fields}))


class ListsTheText(MemoryDocuments):
    async def list(self, project_id: str, **arguments: Any) -> Page[Any]:
        found = await super().list(project_id, **arguments)
        return Page(tuple([await self.get(project_id, head.id) for head in found.items]), found.next)


class CountsBytes(MemoryDocuments):
    async def list(self, project_id: str, **arguments: Any) -> Page[Any]:
        found = await super().list(project_id, **arguments)
        texts = [(await self.get(project_id, head.id)).text.encode() for head in found.items]
        heads = zip(found.items, texts, strict=True)
        return Page(tuple(head.model_copy(update={"characters": len(text)}) for head, text in heads), found.next)


class LosesThePosition(MemoryDocuments):
    async def update(self, record: Document, *, expected_rev: int) -> Document:
        old = await self.get(record.project_id, record.id)
        return await super().update(
            record.model_copy(update={"reading_order": old.reading_order}), expected_rev=expected_rev
        )


class ReplacesInTwoSteps(MemoryMentions):
    async def replace(self, project_id: str, document_id: str, mentions: Sequence[Mention]) -> None:
        await super().replace(project_id, document_id, [])
        await asyncio.sleep(0)
        await super().replace(project_id, document_id, mentions)


class HeedsTheFirstLimit(MemoryQuota):
    async def reserve(self, reservation: Reservation, accounts: Sequence[Account]) -> str | None:
        lax = [replace(each, limit_microusd=10**15) for each in accounts[1:]]
        return await super().reserve(reservation, [*accounts[:1], *lax])


class SettlesEachTime(MemoryQuota):
    async def settle(self, reservation_id: str, *, spent_microusd: int) -> bool:
        found = self._reservations.get(reservation_id)
        settled = await super().settle(reservation_id, spent_microusd=spent_microusd)
        if found is not None:
            self._reservations[reservation_id] = found
        return settled


class AcceptsGaps(MemoryStreams):
    async def append(self, stream_id: str, *, epoch: int, first_seq: int, chunks: Sequence[str]) -> None:
        try:
            await super().append(stream_id, epoch=epoch, first_seq=first_seq, chunks=chunks)
        except SeqGap as gap:
            await super().append(stream_id, epoch=epoch, first_seq=gap.expected, chunks=chunks)


class KeepsTheFirstContent(MemoryStreams):
    async def append(self, stream_id: str, *, epoch: int, first_seq: int, chunks: Sequence[str]) -> None:
        try:
            await super().append(stream_id, epoch=epoch, first_seq=first_seq, chunks=chunks)
        except SeqConflict:
            return


class ForgetsTheFence(MemoryStreams):
    async def append(self, stream_id: str, *, epoch: int, first_seq: int, chunks: Sequence[str]) -> None:
        try:
            await super().append(stream_id, epoch=epoch, first_seq=first_seq, chunks=chunks)
        except StaleEpoch as stale:
            await super().append(stream_id, epoch=stale.current, first_seq=first_seq, chunks=chunks)


class TrimsLiveStreams(MemoryStreams):
    async def trim(self, stream_id: str) -> int:
        rows = self._tables.deltas[stream_id]
        self._tables.deltas[stream_id] = []
        return len(rows)


class AnswersOneByOne(MemoryRequests):
    async def answer(self, run_id: str, replies: Mapping[str, Reply], **arguments: Any) -> Sequence[str]:
        return [
            each
            for request_id, reply in replies.items()
            for each in await super(AnswersOneByOne, self).answer(run_id, {request_id: reply}, **arguments)
        ]


class StartsBeforeItConsumes(MemoryToolCalls):
    async def start(self, call: ToolCall, *, epoch: int, **arguments: Any) -> ToolCall:
        started = await super().start(call, epoch=epoch)
        return await super().start(started, epoch=epoch, **arguments)


class StartsAfterTheEnd(MemoryToolCalls):
    async def start(self, call: ToolCall, **arguments: Any) -> ToolCall:
        self._tables.calls.setdefault((call.run_id, call.call_id), call)
        return await super().start(call, **arguments)


class IgnoresLeases(MemoryRuns):
    async def take(self, run_id: str, *, runner: str, lease_until: float, now: float) -> Run:
        return await super().take(run_id, runner=runner, lease_until=lease_until, now=float("inf"))


class GivesQueuedRunsToAnyone(MemoryRuns):
    async def take(self, run_id: str, *, runner: str, lease_until: float, now: float) -> Run:
        run = self._tables.run(run_id)
        if run.state == "queued":
            self._tables.runs[run_id] = run.model_copy(update={"runner": runner})
        return await super().take(run_id, runner=runner, lease_until=lease_until, now=now)


class KeepsQueuedRuns(MemoryRuns):
    async def renew(self, run_id: str, *, epoch: int, lease_until: float) -> Run:
        run = self._tables.fenced(run_id, epoch)
        return run if run.state == "queued" else await super().renew(run_id, epoch=epoch, lease_until=lease_until)


class RenewsAllRuns(MemoryLeases):
    async def renew(self, runner: str, *, lease_until: float) -> Sequence[HeldRun]:
        renewed: Sequence[HeldRun] = ()
        for name in await self.holders():
            told = await super().renew(name, lease_until=lease_until)
            renewed = told if name == runner else renewed
        return renewed


class HearsNoWish(MemoryLeases):
    async def held(self, runner: str) -> Sequence[HeldRun]:
        return [replace(each, stop_requested=False) for each in await super().held(runner)]


class NamesFormerHolders(MemoryLeases):
    async def holders(self) -> Sequence[str]:
        return list({run.runner or "nobody" for run in self._tables.runs.values()})


class LeavesAllThatWaits(MemoryLeases):
    async def left(self, **arguments: Any) -> Sequence[Run]:
        waiting = [run for run in self._tables.runs.values() if run.state == "waiting" and not run.stop_requested]
        found = [*await super().left(**arguments), *waiting]
        return sorted(found, key=lambda run: (run.created_at, run.id))


class BelievesInLeasesOfTheDead(MemoryLeases):
    async def left(self, *, now: float, runners: Sequence[str] = (), limit: int = 1000) -> Sequence[Run]:
        return await super().left(now=now, limit=limit)


class CountsFromTheStart(MemoryLeases):
    async def now(self) -> float:
        return time.monotonic()


class CountsNoAttempts(MemoryRuns):
    async def pause(self, run_id: str, **arguments: Any) -> Run:
        attempts = (await self.get(run_id)).attempts
        run = (await super().pause(run_id, **arguments)).model_copy(update={"attempts": attempts})
        self._tables.runs[run_id] = run
        return run


class FinishesInTwoSteps(MemoryRuns):
    async def finish(self, run_id: str, **arguments: Any) -> Run:
        run = await self.get(run_id)
        streams = self._tables.streams
        streams[run.stream_id] = streams[run.stream_id].model_copy(update={"state": arguments["state"]})
        await asyncio.sleep(0)
        return await super().finish(run_id, **arguments)


class CountsUsageTwice(MemoryRuns):
    async def finish(self, run_id: str, **arguments: Any) -> Run:
        run = await super().finish(run_id, **arguments)
        count = len(self._tables.usage)
        self._tables.usage |= {(run_id, row.step, count + row.step): row for row in arguments["usage"]}
        return run


class DeletesTheThreadAlone(MemoryThreads):
    async def delete(self, thread_id: str) -> None:
        await self.get(thread_id)
        del self._tables.threads[thread_id]


class KeepsUnusedValues(MemoryCheckpoints):
    async def delete(self, **arguments: Any) -> None:
        kept = dict(self._tables.blobs)
        await super().delete(**arguments)
        self._tables.blobs.update(kept)


class OverwritesWrites(MemoryCheckpoints):
    async def put_writes(
        self, thread_id: str, ns: str, checkpoint_id: str, writes: Sequence[Any], *, fence: Any
    ) -> None:
        stored = self._tables.writes.setdefault((thread_id, ns, checkpoint_id), {})
        stored.update({(write.task_id, write.idx): write for write in writes})


class SearchesAllProjects(MemoryPassages):
    async def search(self, project_id: str, query: str, *, limit: int = 10) -> Sequence[Any]:
        projects = {project for project, _ in self._tables.passages}
        return [hit for project in sorted(projects) for hit in await super().search(project, query, limit=limit)]


class SearchesBySubstring(MemoryPassages):
    async def search(self, project_id: str, query: str, *, limit: int = 10) -> Sequence[Any]:
        everything = await super().search(project_id, "hounds tower crow river", limit=limit)
        return [hit for hit in everything if query.strip(' "*') in hit.text]


def with_port(port: str, build: Callable[[], object]) -> Callable[[], MemoryStorage]:
    """A reference storage with that faulty story port."""

    def make() -> MemoryStorage:
        storage = MemoryStorage()
        storage.story = replace(storage.story, **{port: build()})
        return storage

    return make


class FoldsOwners(MemoryOwners):
    async def find_default_project(self, owner_id: str) -> str | None:
        return await super().find_default_project(owner_id.casefold().strip())


class LooksThenClaims(MemoryOwners):
    async def claim_default_project(self, owner_id: str, project_id: str, *, instead_of: str | None) -> str:
        held = await self.find_default_project(owner_id)
        await asyncio.sleep(0)
        if held in (None, instead_of):
            self._default_projects[owner_id] = project_id
            return project_id
        return held or project_id


def with_noun(noun: str, build: Callable[[Tables], object]) -> Callable[[], MemoryStorage]:
    """A reference storage with that faulty noun of the journal, over the same tables."""

    def make() -> MemoryStorage:
        storage = MemoryStorage()
        tables: Tables = storage.journal.runs._tables  # pyright: ignore
        storage.journal = replace(storage.journal, **{noun: build(tables)})
        return storage

    return make


def threads(kind: type[MemoryThreads]) -> Callable[[Tables], MemoryThreads]:
    """How to build that kind of threads over the tables."""
    return lambda tables: kind(tables, MemoryCheckpoints(tables), MemoryHoldings())
