"""`saga chat`: a conversation about a project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from saga_agent.cli.options import (
    DEFAULT_DATABASE,
    DEFAULT_MODEL,
    DEFAULT_RETRIEVAL,
    AsJson,
    Database,
    Embeddings,
    Model,
    ProjectName,
    Retrieval,
)
from saga_agent.cli.session import open_saga
from saga_agent.errors import InvalidInput

_EXAMPLE = 'Example: saga chat --project alice --agent revise --message "Who appears in chapter 7?"'


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(epilog=_EXAMPLE)(chat)


def chat(
    project: ProjectName = None,
    message: Annotated[
        str | None, typer.Option("--message", "-t", help="Send this one message instead of a dialogue.")
    ] = None,
    agent: Annotated[str, typer.Option("--agent", "-a", help="Who answers: draft or revise.")] = "draft",
    agents: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Agents and subagents as Markdown files.")
    ] = None,
    thread: Annotated[str | None, typer.Option(metavar="ID|last", help="Go on in this thread.")] = None,
    go_on: Annotated[bool, typer.Option("--continue", "-c", help="The same as --thread last.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Approve every call, put every question aside.")] = False,
    as_json: AsJson = False,
    model: Model = DEFAULT_MODEL,
    retrieval: Retrieval = DEFAULT_RETRIEVAL,
    embeddings: Embeddings = None,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Talk with an agent about a project.

    Without --message it is a dialogue. A new thread is started unless --continue or --thread says otherwise. With
    --message and nobody to ask, a run that needs an approval is left waiting, with exit code 1; 'saga answer' goes on.
    """
    if as_json and message is None:
        raise InvalidInput("--json needs --message; a dialogue is for people.")
    if go_on and thread not in (None, "last"):
        raise InvalidInput("Give either --continue or --thread.")
    thread = "last" if go_on else thread
    with open_saga(database, model=model, agents=agents, retrieval=retrieval, embeddings=embeddings) as saga:
        from saga_agent.cli.conversation.entry import talk_on, talk_once  # start-up cost: rich and the domain

        if message is None:
            return talk_on(saga, project=project, thread=thread, agent=agent, yes=yes, database=database, model=model)
        code = talk_once(
            saga,
            message,
            project=project,
            thread=thread,
            agent=agent,
            yes=yes,
            as_json=as_json,
            database=database,
            model=model,
        )
    raise typer.Exit(code)
