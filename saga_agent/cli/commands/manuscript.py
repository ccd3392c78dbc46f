"""`saga import`: a manuscript becomes the documents of a project, a lorebook, card or vault its bible."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from saga_agent.cli.options import DEFAULT_DATABASE, AsJson, Database
from saga_agent.cli.session import MEMORY, database_file, open_saga

if TYPE_CHECKING:  # start-up cost: the library is loaded when the command runs
    from saga_agent.app import Saga
    from saga_agent.formats.book import AsideReason
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
    encoding: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of a text file that does not say it, such as windows-1251.")
    ] = None,
    split: Annotated[
        str, typer.Option(metavar="HOW", help="By what it is divided: auto, file for one document, heading:2, ...")
    ] = "auto",
    keep: Annotated[
        list[str] | None,
        typer.Option(metavar="REASON", help="Make documents of what is set aside for this reason, as 'title page'."),
    ] = None,
    allow_loss: Annotated[
        bool, typer.Option("--allow-loss", help="Import also when words of the file were lost in reading.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask when much of the file is set aside.")] = False,
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
    from saga_agent.story.exchange.bible_file import holds_bible, read_bible
    from saga_agent.story.exchange.bible_report import BibleReport

    wishes = _Wishes(dry_run, encoding, split, _reasons(keep or []), allow_loss, yes)
    # Refused before a database or a project is made for it.
    if holds_bible(file):
        read_bible(file)
    else:
        wishes = _agreed(file, wishes)
    if dry_run:
        report = _try_out(file, project, database, wishes)
    else:
        with open_saga(database, creates=True) as saga:
            found = saga.run_sync(saga.story.projects.find(project))
            found = found or saga.run_sync(saga.story.projects.create(name=project))
            report = _import(saga, found.id, file, wishes)
    if as_json:
        return print_json(report)
    if isinstance(report, BibleReport):
        return print_bible_report(report, project=project, console=stdout(), remarks=stderr())
    print_report(report, project=project, console=stdout(), remarks=stderr())


@dataclass(frozen=True, slots=True)
class _Wishes:
    """How a manuscript is to be imported."""

    dry_run: bool
    encoding: str | None
    split: str
    keep: tuple[AsideReason, ...]
    allow_loss: bool
    accept_asides: bool


def _reasons(given: list[str]) -> tuple[AsideReason, ...]:
    """The reasons of `--keep`, which may name several with commas, with hyphens for blanks."""
    from saga_agent.formats.book import ASIDE_REASONS  # start-up cost

    known: dict[str, AsideReason] = {reason.replace(" ", "-"): reason for reason in ASIDE_REASONS}
    wanted = [name.strip().lower().replace(" ", "-") for names in given for name in names.split(",") if name.strip()]
    if unknown := [name for name in wanted if name not in known]:
        raise typer.BadParameter(f"{unknown[0]!r} is no reason; choose from {', '.join(known)}.", param_hint="--keep")
    return tuple(known[name] for name in wanted)


def _agreed(file: Path, wishes: _Wishes) -> _Wishes:
    """The wishes, with the writer's yes where much of the book is aside and somebody is there to ask."""
    from saga_agent.errors import InvalidInput  # start-up cost
    from saga_agent.story.import_account import doubtful_asides, refusals
    from saga_agent.story.manuscript import read_weighed

    book, balance = read_weighed(file, encoding=wishes.encoding, split=wishes.split, keep=wishes.keep)
    question = doubtful_asides(balance, book.asides)
    is_asked = question and not wishes.accept_asides and not wishes.dry_run and sys.stdin.isatty()
    if is_asked and typer.confirm(f"{question} Leave them out?", err=True):
        wishes = replace(wishes, accept_asides=True)
    refused = refusals(balance, book.asides, allow_loss=wishes.allow_loss, accept_asides=wishes.accept_asides)
    if refused and not wishes.dry_run:
        raise InvalidInput(f"Nothing of {str(file)!r} was imported: {' '.join(refused)}")
    return wishes


def _try_out(file: Path, project: str, database: str, wishes: _Wishes) -> ImportReport | BibleReport:
    """The report of a dry run; a project that does not exist is imagined in memory."""
    path = database_file(database)
    if path is None or path.exists():
        with open_saga(database) as saga:
            if found := saga.run_sync(saga.story.projects.find(project)):
                return _import(saga, found.id, file, wishes)
    with open_saga(MEMORY) as saga:
        imagined = saga.run_sync(saga.story.projects.create(name=project))
        return _import(saga, imagined.id, file, wishes)


def _import(saga: Saga, project_id: str, file: Path, wishes: _Wishes) -> ImportReport | BibleReport:
    from saga_agent.cli.rendering.console import stderr  # start-up cost: rich
    from saga_agent.cli.rendering.progress import show_progress
    from saga_agent.story.exchange.bible_file import holds_bible

    with show_progress(stderr()) as progress:
        if holds_bible(file):
            return saga.run_sync(saga.import_bible(project_id, file, dry_run=wishes.dry_run, progress=progress))
        return saga.run_sync(saga.import_manuscript(project_id, file, progress=progress, **asdict(wishes)))
