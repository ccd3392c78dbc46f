"""The ends of things: what belonged to them goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from saga_agent.errors import NotFound, RunBusy
from saga_agent.storage.memory.checkpoints import MemoryCheckpoints
from saga_agent.storage.memory.tables import Tables


class _OfProjects(Protocol):
    """Rows that are of a project, and of no thread."""

    def holds(self, project_id: str) -> bool:
        """Whether there is anything of the project."""
        ...

    async def purge(self, project_id: str) -> None:
        """Removes all of the project."""
        ...


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
