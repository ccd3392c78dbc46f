"""`saga import`: a manuscript becomes the documents of a project, a lorebook, card or vault its bible."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from saga_agent.cli.options import DEFAULT_DATABASE, AsJson, Database
from saga_agent.cli.session import MEMORY, database_file, open_saga

if TYPE_CHECKING:  # start-up cost: the library is loaded when the command runs
    from saga_agent.app import Saga
    from saga_agent.story.exchange.bible_report import BibleReport
    from saga_agent.story.manuscript import ImportReport

_EXAMPLE = "Example: saga import novel.md --project 'The Hollow Crown' --dry-run"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("import", epilog=_EXAMPLE)(import_file)


def import_file(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="A text, Markdown, Word or EPUB file; a lorebook or card; an Obsidian vault's folder."
        ),
    ],
    project: Annotated[str, typer.Option("--project", "-p", metavar="NAME", help="Made when it is missing.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only report what would be stored.")] = False,
    as_json: AsJson = False,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Import a manuscript or a bible into a project.

    Chapters become documents; entries of lorebooks, cards and vaults become entities. A second import updates what
    changed. A missing project is made.
    """
    from saga_agent.cli.rendering.bible_table import print_bible_report  # start-up cost: rich
    from saga_agent.cli.rendering.console import print_json, stderr, stdout
    from saga_agent.cli.rendering.import_table import print_report
    from saga_agent.formats.manuscript import read_manuscript
    from saga_agent.story.exchange.bible_file import holds_bible, read_bible
    from saga_agent.story.exchange.bible_report import BibleReport

    # Refused before a database or a project is made for it.
    _ = read_bible(file) if holds_bible(file) else read_manuscript(file)
    if dry_run:
        report = _try_out(file, project, database)
    else:
        with open_saga(database, creates=True) as saga:
            found = saga.run_sync(saga.story.projects.find(project))
            found = found or saga.run_sync(saga.story.projects.create(name=project))
            report = _import(saga, found.id, file, dry_run=False)
    if as_json:
        return print_json(report)
    if isinstance(report, BibleReport):
        return print_bible_report(report, project=project, console=stdout(), remarks=stderr())
    print_report(report, project=project, console=stdout(), remarks=stderr())


def _try_out(file: Path, project: str, database: str) -> ImportReport | BibleReport:
    """The report of a dry run; a project that does not exist is imagined in memory."""
    path = database_file(database)
    if path is None or path.exists():
        with open_saga(database) as saga:
            if found := saga.run_sync(saga.story.projects.find(project)):
                return _import(saga, found.id, file, dry_run=True)
    with open_saga(MEMORY) as saga:
        imagined = saga.run_sync(saga.story.projects.create(name=project))
        return _import(saga, imagined.id, file, dry_run=True)


def _import(saga: Saga, project_id: str, file: Path, *, dry_run: bool) -> ImportReport | BibleReport:
    from saga_agent.cli.rendering.console import stderr  # start-up cost: rich
    from saga_agent.cli.rendering.progress import show_progress
    from saga_agent.story.exchange.bible_file import holds_bible

    with show_progress(stderr()) as progress:
        if holds_bible(file):
            return saga.run_sync(saga.import_bible(project_id, file, dry_run=dry_run, progress=progress))
        return saga.run_sync(saga.import_manuscript(project_id, file, dry_run=dry_run, progress=progress))
