"""Threads and their messages, and the end of a thread or a project with all that belongs to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, cast

from saga_agent.domain.journal import Message, Run, Thread, forked
from saga_agent.domain.permissions import Grant
from saga_agent.domain.record import Page
from saga_agent.errors import AlreadyExists, NotFound, RunBusy
from saga_agent.storage.memory.accounts import MemoryHoldings
from saga_agent.storage.memory.checkpoints import MemoryCheckpoints
from saga_agent.storage.memory.runs import standing
from saga_agent.storage.memory.story import page
from saga_agent.storage.memory.tables import Tables, detached


class _OfProjects(Protocol):
    """Rows that are of a project, and of no thread."""

    def holds(self, project_id: str) -> bool:
        """Whether there is anything of the project."""
        ...

    async def purge(self, project_id: str) -> None:
        """Removes all of the project."""
        ...


class _Forgetting(Protocol):
    """A noun that has no verb for the end of a project."""

    def holds(self, project_id: str) -> bool: ...

    def forget_project(self, project_id: str) -> None: ...


class OfProjects:
    """The rows of such a noun, as the end of a project finds them."""

    def __init__(self, noun: _Forgetting) -> None:
        self._noun = noun

    def holds(self, project_id: str) -> bool:
        return self._noun.holds(project_id)

    async def purge(self, project_id: str) -> None:
        self._noun.forget_project(project_id)


class MemoryEnds:
    """Ends over the rows of all nouns of the journal."""

    def __init__(self, tables: Tables, checkpoints: MemoryCheckpoints, purged: Sequence[_OfProjects]) -> None:
        self._tables, self._checkpoints, self._purged = tables, checkpoints, purged

    async def project(self, project_id: str, *, owner_id: str | None = None) -> bool:
        tables = self._tables
        threads = [thread for thread in tables.threads.values() if thread.project_id == project_id]
        if owner_id is not None and any(thread.owner_id != owner_id for thread in threads):
            raise NotFound("project", project_id)
        for run in tables.runs.values():
            if run.project_id == project_id and run.state in ("queued", "running"):
                raise RunBusy(run.thread_id, run.id)
        found = bool(threads)
        await forget_threads(tables, self._checkpoints, [thread.id for thread in threads])
        for grant_id in [grant.id for grant in tables.grants.values() if grant.scope_id == project_id]:
            del tables.grants[grant_id]
            found = True
        for entry_id in [entry.id for _, entry in tables.audit.values() if entry.project_id == project_id]:
            del tables.audit[entry_id]
            found = True
        for owner_id in [owner_id for owner_id, held in tables.default_projects.items() if held == project_id]:
            del tables.default_projects[owner_id]
            found = True
        for rows in self._purged:
            found |= rows.holds(project_id)
            await rows.purge(project_id)
        return found


async def forget_threads(tables: Tables, checkpoints: MemoryCheckpoints, thread_ids: list[str]) -> None:
    """Removes these threads and all that hangs on them, but for the threads of their subagents."""
    runs = [run for run in tables.runs.values() if run.thread_id in thread_ids]
    run_ids = [run.id for run in runs]
    await checkpoints.delete(thread_ids=[*thread_ids, *run_ids], run_ids=run_ids)
    for run_id in run_ids:
        _forget_run(tables, run_id)
    for grant_id in [grant.id for grant in tables.grants.values() if grant.scope_id in (*thread_ids, *run_ids)]:
        del tables.grants[grant_id]
    for message_id in [row.id for row in tables.messages.values() if row.thread_id in thread_ids]:
        del tables.messages[message_id]
    for thread_id in thread_ids:
        del tables.threads[thread_id]


def _forget_run(tables: Tables, run_id: str) -> None:
    run = tables.runs.pop(run_id)
    del tables.streams[run.stream_id], tables.deltas[run.stream_id]
    for request_id in [row.id for row in tables.requests.values() if row.run_id == run_id]:
        del tables.requests[request_id]
        tables.consumed_by.pop(request_id, None)
    for entry_id in [entry.id for _, entry in tables.audit.values() if entry.run_id == run_id]:
        del tables.audit[entry_id]
    for key in [key for key in tables.calls if key[0] == run_id]:
        del tables.calls[key]
        tables.full_results.pop(key, None)
    for key in [key for key in tables.usage if key[0] == run_id]:
        del tables.usage[key]


class MemoryThreads:
    """Conversations, unique by (owner, chat_id)."""

    def __init__(self, tables: Tables, checkpoints: MemoryCheckpoints, holdings: MemoryHoldings) -> None:
        self._tables, self._checkpoints, self._holdings = tables, checkpoints, holdings

    async def create(self, thread: Thread) -> Thread:
        if thread.id in self._tables.threads:
            raise AlreadyExists("thread", thread.id)
        if self._by_chat(thread.owner_id, thread.chat_id) is not None:
            raise AlreadyExists("thread with chat_id", thread.chat_id)
        self._tables.threads[thread.id] = thread
        return thread

    async def get(self, thread_id: str) -> Thread:
        return self._stored(thread_id)

    async def find(self, owner_id: str, chat_id: str) -> Thread | None:
        return self._by_chat(owner_id, chat_id)

    async def list(
        self,
        owner_id: str,
        *,
        project_id: str | None = None,
        children: bool = False,
        after: str | None = None,
        limit: int = 100,
    ) -> Page[Thread]:
        found = (
            thread
            for thread in self._tables.threads.values()
            if thread.owner_id == owner_id
            and project_id in (None, thread.project_id)
            and (children or thread.parent_run_id is None)
        )
        return page(found, key=lambda row: (row.created_at, row.id), after=after, limit=limit, newest_first=True)

    async def rename(self, thread_id: str, title: str) -> Thread:
        renamed = self._stored(thread_id).model_copy(update={"title": title})
        self._tables.threads[thread_id] = renamed
        return renamed

    async def summarize(self, thread_id: str, summary: str, *, until: int) -> Thread:
        thread = self._stored(thread_id)
        if until > thread.summary_until:
            thread = thread.model_copy(update={"summary": summary, "summary_until": until})
            self._tables.threads[thread_id] = thread
        return thread

    async def fork(self, thread: Thread, *, source_id: str, until: tuple[int, int]) -> Thread:
        self._stored(source_id)
        last = standing(self._tables, source_id, until)
        if last.state in ("queued", "running"):
            raise RunBusy(source_id, last.run_id or "")
        kept = [
            row
            for row in self._tables.messages.values()
            if row.thread_id == source_id and not row.replaced and (row.order, row.step_order) <= until
        ]
        await self.create(thread)
        for message in kept:
            copy = forked(message, thread.id)
            self._tables.messages[copy.id] = detached(copy)
        return thread

    async def reassign(self, owner_id: str, new_owner_id: str) -> int:
        tables = self._tables
        threads = [thread for thread in tables.threads.values() if thread.owner_id == owner_id]
        for run in tables.runs.values():
            if run.owner_id == owner_id and run.state in ("queued", "running"):
                raise RunBusy(run.thread_id, run.id)
        moved = {"owner_id": new_owner_id}
        for thread in threads:
            taken = self._by_chat(new_owner_id, thread.chat_id) is not None
            chat_id = thread.id if taken else thread.chat_id
            tables.threads[thread.id] = thread.model_copy(update={**moved, "chat_id": chat_id})
        for rows in (tables.runs, tables.grants):
            for row in [row for row in rows.values() if row.owner_id == owner_id]:
                cast(dict[str, Run | Grant], rows)[row.id] = row.model_copy(update=moved)
        for number, entry in [row for row in tables.audit.values() if row[1].owner_id == owner_id]:
            tables.audit[entry.id] = (number, entry.model_copy(update=moved))
        return len(threads)

    async def delete(self, thread_id: str) -> None:
        tables = self._tables
        self._stored(thread_id)
        thread_ids = [thread_id, *self._below(thread_id)]
        for run in tables.runs.values():
            if run.thread_id in thread_ids and run.state in ("queued", "running"):
                raise RunBusy(thread_id, run.id)
        message_ids = [message.id for message in tables.messages.values() if message.thread_id in thread_ids]
        self._holdings.forget_items([f"threads/{each}" for each in thread_ids])
        self._holdings.forget_items([f"messages/{each}" for each in message_ids])
        await forget_threads(tables, self._checkpoints, thread_ids)

    async def message(self, message_id: str) -> Message:
        try:
            return detached(self._tables.messages[message_id])
        except KeyError:
            raise NotFound("message", message_id) from None

    async def find_message(self, thread_id: str, page_id: str) -> Message | None:
        rows = self._tables.messages.values()
        found = [row for row in rows if (row.thread_id, row.shown_id) == (thread_id, page_id)]
        newest = max(found, key=lambda row: (not row.replaced, row.order, row.step_order), default=None)
        return None if newest is None else detached(newest)

    async def messages(
        self, thread_id: str, *, before: tuple[int, int] | None = None, limit: int = 100, include_replaced: bool = False
    ) -> Sequence[Message]:
        found = [
            message
            for message in self._tables.messages.values()
            if message.thread_id == thread_id
            and (include_replaced or not message.replaced)
            and (before is None or (message.order, message.step_order) < before)
        ]
        found.sort(key=lambda message: (message.order, message.step_order), reverse=True)
        return [detached(message) for message in reversed(found[:limit])]

    def _stored(self, thread_id: str) -> Thread:
        try:
            return self._tables.threads[thread_id]
        except KeyError:
            raise NotFound("thread", thread_id) from None

    def _by_chat(self, owner_id: str, chat_id: str) -> Thread | None:
        rows = self._tables.threads.values()
        return next((row for row in rows if (row.owner_id, row.chat_id) == (owner_id, chat_id)), None)

    def _below(self, thread_id: str) -> Iterator[str]:
        """The threads of the subagents that its runs called, and of theirs."""
        run_ids = {run.id for run in self._tables.runs.values() if run.thread_id == thread_id}
        for child in self._tables.threads.values():
            if child.parent_run_id in run_ids:
                yield child.id
                yield from self._below(child.id)
