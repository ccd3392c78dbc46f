"""`saga detect`: who and what is named in a text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from saga_agent.cli.options import DEFAULT_DATABASE, AsJson, Database, ProjectName
from saga_agent.cli.session import open_saga, pick_project
from saga_agent.errors import InvalidInput

if TYPE_CHECKING:  # start-up cost: the library is loaded when the command runs
    from saga_agent.cli.casts import CastMember

_EXAMPLE = "Example: saga detect novel.txt    or: saga detect --project alice --document 'chapter 7'"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(epilog=_EXAMPLE)(detect)


def detect(
    file: Annotated[Path | None, typer.Argument(help="A text, Markdown, Word or EPUB file; needs no database.")] = None,
    project: ProjectName = None,
    document: Annotated[
        str | None, typer.Option(metavar="REF", help="Only this document: id, number or title.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many names at the most.")] = 30,
    as_json: AsJson = False,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Find the cast of a text: names, kinds, counts."""
    from saga_agent.cli.rendering.cast_table import cast_table  # start-up cost: rich and linking
    from saga_agent.cli.rendering.console import print_json_list, stdout

    if file is not None and (project or document):
        raise InvalidInput("Give either a file or a project, not both.")
    title, members = _of_file(file) if file else _of_project(project, document, database)
    if as_json:
        return print_json_list(member.to_dict() for member in members[:limit])
    stdout().print(cast_table(members, title=title, limit=limit))


def _of_file(file: Path) -> tuple[str, list[CastMember]]:
    from saga_agent.cli.casts import detect_cast  # start-up cost: linking
    from saga_agent.formats.manuscript import read_manuscript

    manuscript = read_manuscript(file)
    return manuscript.title, detect_cast(manuscript)


def _of_project(name: str | None, document: str | None, database: str) -> tuple[str, list[CastMember]]:
    with open_saga(database) as saga:
        from saga_agent.cli.casts import load_cast  # start-up cost: linking

        project = pick_project(saga, name)
        return project.name, saga.run_sync(load_cast(saga, project.id, document=document))
