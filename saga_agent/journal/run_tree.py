"""The tree of a turn: the run that the writer started, the runs of its subagents, and theirs."""

from __future__ import annotations

from collections.abc import Sequence

from saga_agent.domain.journal import Run
from saga_agent.domain.requests import Request, RequestState
from saga_agent.storage.ports.journal import Journal

_MAX_CHILDREN = 1_000


async def descendants(journal: Journal, run_id: str) -> list[Run]:
    """The runs below that one, each after the one that called it."""
    found: list[Run] = []
    for child in reversed(await journal.runs.list(parent_run_id=run_id, limit=_MAX_CHILDREN)):
        found += [child, *await descendants(journal, child.id)]
    return found


async def requests_of(journal: Journal, run: Run, *, states: Sequence[RequestState] = ()) -> Sequence[Request]:
    """The requests of the run and of those below it, oldest first."""
    if run.parent_run_id is None:
        return await journal.requests.list(root_run_id=run.id, states=states)
    found: list[Request] = []
    for each in [run, *await descendants(journal, run.id)]:
        found += await journal.requests.list(run_id=each.id, states=states)
    return sorted(found, key=lambda request: (request.created_at, request.id))


async def pending_requests(journal: Journal, run: Run) -> Sequence[Request]:
    """What the run and those below it wait for, oldest first."""
    return await requests_of(journal, run, states=("pending",))
