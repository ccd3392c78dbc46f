"""`saga export`: a project as a file other apps read."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from saga_agent.cli.options import DEFAULT_DATABASE, AsJson, Database, ProjectName
from saga_agent.cli.session import open_saga, pick_project

_EXAMPLE = "Example: saga export novel.docx --tracked    or: saga export Vault --format vault --overwrite"


class Format(StrEnum):
    """What can be written."""

    MD = "md"
    TXT = "txt"
    DOCX = "docx"
    EPUB = "epub"
    VAULT = "vault"
    LOREBOOK = "lorebook"
    CARD = "card"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("export", epilog=_EXAMPLE)(export)


def export(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write; for a vault a folder.")],
    project: ProjectName = None,
    format: Annotated[
        Format | None, typer.Option("--format", "-f", help="Told by the suffix of OUT if not given.")
    ] = None,
    character: Annotated[str | None, typer.Option(metavar="NAME", help="Whose card; for --format card.")] = None,
    tracked: Annotated[bool, typer.Option("--tracked", help="Open proposals as tracked changes; docx only.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that are there and differ.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only report what would be written.")] = False,
    as_json: AsJson = False,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Export the manuscript or the bible of a project.

    What was imported comes back byte for byte where nothing has changed since.
    """
    from saga_agent.cli.rendering.console import print_json, stderr  # start-up cost: rich
    from saga_agent.cli.rendering.words import plural

    with open_saga(database) as saga:
        found = pick_project(saga, project)
        report = saga.run_sync(
            saga.export(
                found.id,
                out,
                format=format.value if format else None,
                character=character,
                tracked=tracked,
                overwrite=overwrite,
                dry_run=dry_run,
            )
        )
    if as_json:
        return print_json(report)
    for told in report.lost:
        stderr().print(f"note: {told}", style="warn", markup=False)
    done = "would be written" if dry_run else "written"
    print(f"{plural(len(report.files), 'file')} {done}: {out}" if report.files else f"{out} is up to date.")
