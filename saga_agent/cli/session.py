"""Opening the library for a command: the one place that pays for its import."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from saga_agent.cli.options import DEFAULT_RETRIEVAL
from saga_agent.errors import InvalidInput, NotFound

if TYPE_CHECKING:  # start-up cost: `saga --help` must not load the library
    from saga_agent.agents.agent import Agent
    from saga_agent.app import Saga
    from saga_agent.domain.project import Project
    from saga_agent.runs.settings import Recovery

MEMORY = "memory://"


def database_url(database: str) -> str:
    """The URL of what was typed; a plain path becomes a SQLite URL.

    Raises: `InvalidInput` for an empty name, or a path that no URL can hold.
    """
    if not database.strip():
        raise InvalidInput("The name of the database is empty; give a file or a URL.")
    if "://" in database:
        return database
    if "?" in database:
        raise InvalidInput(f"A database file's name cannot hold '?': {database!r}; rename it.")
    return f"sqlite+aiosqlite:///{Path(database).expanduser()}"


def database_file(database: str) -> Path | None:
    """The file of a SQLite database; None for a database that is no file of its own."""
    url = database_url(database)
    return Path(url.partition("///")[2].partition("?")[0]).expanduser() if url.startswith("sqlite") else None


def open_saga(
    database: str,
    *,
    model: str | None = None,
    creates: bool = False,
    recovery: Recovery | None = None,
    agents: Path | None = None,
    retrieval: str = DEFAULT_RETRIEVAL,
    embeddings: str | None = None,
) -> Saga:
    """The library on that database, to be entered with `with`; its verbs run through `saga.run_sync`.

    It takes up no runs by itself: a command must not answer for other writers, with a model they did not choose.

    Args:
        database: A path or a URL.
        model: Who answers; None for commands that only read or change stored rows.
        creates: Whether a missing database file may be made.
        recovery: What becomes of the runs that `saga.reap()` takes up; None for what the environment says.
        agents: A folder of agents as Markdown files, beside the built-in ones or in the place of one.
        retrieval: How passages are found.
        embeddings: What turns texts into vectors, where they are found by meaning.

    Raises: `NotFound` for a missing file, `InvalidInput` for settings, `PolicyError`; entering raises `StorageError`.
    """
    path = database_file(database)
    if path is not None and not path.exists() and not creates:
        raise NotFound("database", database, hint="Make one with 'saga import FILE --project NAME'.")
    from saga_agent.app import Saga  # start-up cost: the library takes a second to load
    from saga_agent.runs.settings import RunSettings

    runs = RunSettings.from_environment()
    cast = load_cast(agents) if agents is not None else None
    return Saga.open(
        database=database_url(database),
        model=model,
        agents=cast,
        retrieval=retrieval,
        embeddings=embeddings,
        runs=replace(runs, works=False, recovery=recovery or runs.recovery),
    )


def load_cast(folder: Path) -> list[Agent]:
    """The built-in agents with those of the folder, whose subagents all of them may call."""
    from saga_agent.agents.agent import SUBAGENTS, Subagent, build_agents  # start-up cost: the library
    from saga_agent.agents.markdown import load_agents
    from saga_agent.tools.story.registry import build_story_registry

    loaded = load_agents(folder, build_story_registry())
    new = [agent.name for agent in loaded if isinstance(agent, Subagent) and agent.name not in SUBAGENTS]
    built = [
        agent if isinstance(agent, Subagent) else replace(agent, subagents=(*agent.subagents, *new))
        for agent in build_agents()
    ]
    return list({agent.name: agent for agent in (*built, *loaded)}.values())


def pick_project(saga: Saga, name: str | None) -> Project:
    """The project with that name or id; without a name the only one there is.

    Raises: `NotFound` listing the projects there are, `InvalidInput` when one of several must be named.
    """
    if name is not None:
        return saga.run_sync(saga.story.projects.get_by_name(name))
    match saga.run_sync(saga.story.projects.list(limit=10)).items:
        case ():
            raise InvalidInput("The database has no project yet; make one with 'saga import FILE --project NAME'.")
        case (only,):
            return only
        case several:
            names = ", ".join(each.name for each in several)
            raise InvalidInput(f"Say which project: --project NAME, one of {names}.")


def set_up_logging(*, debug: bool) -> None:
    """Sends the library's log to stderr when debugging; otherwise a command's output is all there is to see."""
    if debug:
        logging.basicConfig(level=logging.DEBUG)
    else:
        logging.getLogger().addHandler(logging.NullHandler())
