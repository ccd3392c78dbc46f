"""`saga projects`: the story projects of a database."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from saga_agent.cli.options import DEFAULT_DATABASE, AsJson, Database, Limit
from saga_agent.cli.session import open_saga, pick_project
from saga_agent.errors import InvalidInput

if TYPE_CHECKING:  # start-up cost: the library is loaded when the command runs
    from saga_agent.app import Saga
    from saga_agent.domain.project import Project

app = typer.Typer(help="List and remove projects.", no_args_is_help=True, rich_markup_mode=None)


@app.command("ls", epilog="Example: saga projects ls")
def list_projects(limit: Limit = 100, as_json: AsJson = False, database: Database = DEFAULT_DATABASE) -> None:
    """List the projects with what they hold."""
    from saga_agent.cli.rendering.console import print_json_list, stdout  # start-up cost: rich
    from saga_agent.cli.rendering.tables import build_table

    with open_saga(database) as saga:
        projects = saga.run_sync(saga.story.projects.list(limit=limit)).items
        held = [saga.run_sync(_count(saga, project)) for project in projects]
    if as_json:
        return print_json_list(
            [{**each.model_dump(mode="json"), **counts} for each, counts in zip(projects, held, strict=True)]
        )
    rows = [(each.name, each.id, *counts.values()) for each, counts in zip(projects, held, strict=True)]
    stdout().print(build_table("name", "id", "#documents", "#entities", "#threads", rows=rows))


@app.command("rm", epilog="Example: saga projects rm 'The Hollow Crown'")
def remove_project(
    name: Annotated[str, typer.Argument(help="The project's name or id.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Remove a project with all that belongs to it."""
    with open_saga(database) as saga:
        project = pick_project(saga, name)
        counts = saga.run_sync(_count(saga, project))
        held = ", ".join(f"{count} {what}" for what, count in counts.items())
        if not yes:
            if not sys.stdin.isatty():
                raise InvalidInput(f"Removing {project.name!r} ({held}) must be confirmed: add --yes.")
            typer.confirm(f"Remove {project.name!r} with {held}? It cannot be taken back.", abort=True)
        saga.run_sync(saga.story.projects.delete(project.id))
    print(f"Removed {project.name!r} with {held}.")


async def _count(saga: Saga, project: Project) -> dict[str, int]:
    return {
        "documents": len([each async for each in saga.story.documents.all(project.id)]),
        "entities": len([each async for each in saga.story.entities.all(project.id)]),
        "threads": len(await _threads(saga, project)),
    }


async def _threads(saga: Saga, project: Project) -> list[str]:
    found: list[str] = []
    after: str | None = None
    while True:
        page = await saga.threads.list(project_id=project.id, after=after)
        found += [thread.id for thread in page.items]
        if page.next is None:
            return found
        after = page.next
