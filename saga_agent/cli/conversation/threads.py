"""Which thread a conversation goes on in, and what may still be under way there."""

from __future__ import annotations

from saga_agent.app import Saga
from saga_agent.cli.rendering.words import shorten
from saga_agent.cli.session import pick_project
from saga_agent.domain.journal import Run, Thread
from saga_agent.domain.project import Project
from saga_agent.errors import InvalidInput, NotFound

LAST = "last"
_TITLE = 60


def choose_place(saga: Saga, *, project: str | None, thread: str | None) -> tuple[Project, Thread | None]:
    """The project, and the thread to go on in; None for a new one.

    Raises: `NotFound` for either, `InvalidInput` when the thread is of another project.
    """
    if thread is None:
        return pick_project(saga, project), None
    if thread == LAST and project is not None:
        chosen = pick_project(saga, project)
        return chosen, _last_thread(saga, chosen)
    found = _last_thread(saga) if thread == LAST else saga.run_sync(saga.threads.get(thread))
    home = saga.run_sync(saga.story.projects.get(found.project_id))
    if project is not None and pick_project(saga, project).id != home.id:
        raise InvalidInput(f"Thread {thread!r} belongs to project {home.name!r}, not to {project!r}.")
    return home, found


def start_thread(saga: Saga, project: Project, message: str) -> Thread:
    """A new thread, titled by its first message."""
    return saga.run_sync(saga.threads.create(project_id=project.id, title=shorten(message, _TITLE)))


def find_unfinished(saga: Saga, thread: Thread) -> Run | None:
    """The thread's run that is at work, or waits for answers."""
    runs = saga.run_sync(saga.runs(thread_id=thread.id, limit=1))
    return runs[0] if runs and runs[0].state in ("queued", "running", "waiting") else None


def _last_thread(saga: Saga, project: Project | None = None) -> Thread:
    """The newest thread of the project, or of all: a thread knows its project."""
    threads = saga.run_sync(saga.threads.list(project_id=project.id if project else None, limit=1)).items
    if not threads:
        where = f"Project {project.name!r}" if project else "The database"
        raise NotFound("thread", LAST, hint=f"{where} has no thread yet; leave the option out.")
    return threads[0]
