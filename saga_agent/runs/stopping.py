"""Stopping all runs of a project, wherever they are at work."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from saga_agent.clock import Clock
from saga_agent.domain.journal import END_STATES, LIVE_STATES, Run
from saga_agent.errors import NotFound, RunBusy
from saga_agent.runs.runner import Runner
from saga_agent.storage.ports.journal import Journal
from saga_agent.streams.hub import StreamHub, heard

_LONGEST_SECONDS = 30.0
"""Longer than a lease: whoever holds a run has heard of it by then, or is gone."""
_POLL_SECONDS = 0.5


async def stop_runs(journal: Journal, runner: Runner, hub: StreamHub, clock: Clock, project_id: str) -> None:
    """Stops the project's runs and returns when all of them have ended.

    Raises: `RunBusy` when one that another process holds does not end in half a minute.
    """
    deadline = clock.now() + _LONGEST_SECONDS
    while live := await journal.runs.list(project_id=project_id, states=LIVE_STATES):
        for run in live:
            with suppress(NotFound):  # somebody else has ended the project meanwhile
                asked = await journal.runs.request_stop(run.id)
                if asked.state in LIVE_STATES:
                    await runner.stop(asked)
        await _wait(journal, hub, live[0], is_over=lambda: clock.now() >= deadline)


async def _wait(journal: Journal, hub: StreamHub, run: Run, *, is_over: Callable[[], bool]) -> None:
    """Until the run has ended; `RunBusy` when it takes too long."""
    with hub.listening(run.stream_id) as news:
        while not await _has_ended(journal, run.id):
            if is_over():
                raise RunBusy(run.thread_id, run.id)
            await heard(news, timeout_seconds=_POLL_SECONDS)
            news.clear()


async def _has_ended(journal: Journal, run_id: str) -> bool:
    try:
        return (await journal.runs.get(run_id)).state in END_STATES
    except NotFound:
        return True
