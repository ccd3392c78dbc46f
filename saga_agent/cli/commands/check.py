"""`saga check`: what is found in a story, what is new and what is fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from saga_agent.cli.options import DEFAULT_DATABASE, AsJson, Database, ProjectName
from saga_agent.cli.session import open_saga, pick_project

if TYPE_CHECKING:  # start-up cost: the library is loaded when the command runs
    from saga_agent.app import Saga

_EXAMPLE = "Example: saga check --project alice --family kinship --family calendar"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(epilog=_EXAMPLE)(check)


def check(
    project: ProjectName = None,
    family: Annotated[
        list[str] | None,
        typer.Option("--family", "-f", metavar="NAME", help="Only this family of checks; may be given again."),
    ] = None,
    since: Annotated[
        int | None, typer.Option(min=0, metavar="REV", help="Compare with that check instead of the last one.")
    ] = None,
    as_json: AsJson = False,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Check a story: the bible against itself, and all documents beside it.

    The exit code is 1 when something is found that nobody has waived, and 0 when nothing is.
    """
    from saga_agent.cli.rendering.check_report import print_check_report  # start-up cost: rich
    from saga_agent.cli.rendering.console import print_json, stderr, stdout
    from saga_agent.cli.rendering.progress import show_progress

    with open_saga(database) as saga:
        found = pick_project(saga, project)
        with show_progress(stderr()) as progress:
            report = saga.run_sync(saga.story.check(found.id, families=family or (), since=since, progress=progress))
        labels = {} if as_json else saga.run_sync(_labels(saga, found.id))
    if as_json:
        print_json(report)
    else:
        print_check_report(report, labels, console=stdout(), remarks=stderr())
    if report.findings:
        raise typer.Exit(1)


async def _labels(saga: Saga, project_id: str) -> dict[str, str]:
    """What the documents are called, by id."""
    return {head.id: head.label async for head in saga.story.documents.all(project_id)}
