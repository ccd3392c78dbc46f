"""`saga import`: a manuscript becomes the documents of a project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from saga_agent.cli.options import DEFAULT_DATABASE, AsJson, Database
from saga_agent.cli.session import MEMORY, database_file, open_saga

if TYPE_CHECKING:  # start-up cost: the library is loaded when the command runs
    from saga_agent.app import Saga
    from saga_agent.story.manuscript import ImportReport

_EXAMPLE = "Example: saga import novel.md --project 'The Hollow Crown' --dry-run"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("import", epilog=_EXAMPLE)(import_manuscript)


def import_manuscript(
    file: Annotated[Path, typer.Argument(help="A text, Markdown, Word or EPUB file.")],
    project: Annotated[str, typer.Option("--project", "-p", metavar="NAME", help="Made when it is missing.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only report what would be stored.")] = False,
    as_json: AsJson = False,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Import a manuscript into a project.

    Chapters become documents; a second import of the file updates what changed. A missing project is made.
    """
    from saga_agent.cli.rendering.console import print_json, stderr, stdout  # start-up cost: rich
    from saga_agent.cli.rendering.import_table import print_report
    from saga_agent.formats.manuscript import read_manuscript

    read_manuscript(file)  # refused before a database or a project is made for it
    if dry_run:
        report = _try_out(file, project, database)
    else:
        with open_saga(database, creates=True) as saga:
            found = saga.run_sync(saga.story.projects.find(project))
            found = found or saga.run_sync(saga.story.projects.create(name=project))
            report = _import(saga, found.id, file, dry_run=False)
    if as_json:
        return print_json(report)
    print_report(report, project=project, console=stdout(), remarks=stderr())


def _try_out(file: Path, project: str, database: str) -> ImportReport:
    """The report of a dry run; a project that does not exist is imagined in memory."""
    path = database_file(database)
    if path is None or path.exists():
        with open_saga(database) as saga:
            if found := saga.run_sync(saga.story.projects.find(project)):
                return _import(saga, found.id, file, dry_run=True)
    with open_saga(MEMORY) as saga:
        imagined = saga.run_sync(saga.story.projects.create(name=project))
        return _import(saga, imagined.id, file, dry_run=True)


def _import(saga: Saga, project_id: str, file: Path, *, dry_run: bool) -> ImportReport:
    from saga_agent.cli.rendering.console import stderr  # start-up cost: rich
    from saga_agent.cli.rendering.progress import show_progress

    with show_progress(stderr()) as progress:
        return saga.run_sync(saga.import_manuscript(project_id, file, dry_run=dry_run, progress=progress))
