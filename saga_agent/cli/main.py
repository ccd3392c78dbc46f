"""The command `saga`: its verbs, and what becomes of errors."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from saga_agent.cli.commands import (
    answer,
    audit,
    chat,
    check,
    contracts,
    db,
    demo,
    detect,
    export,
    grants,
    maintenance,
    manuscript,
    projects,
    runs,
    serve,
    streams,
    threads,
    tools,
)
from saga_agent.cli.failures import exit_code, sentence
from saga_agent.cli.session import set_up_logging

# Plain help: typer's rich help costs more than the whole budget of `saga --help`.
app = typer.Typer(
    name="saga",
    help="The AI collaborator for fiction writers, at the command line.",
    epilog="Start with: saga demo",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
)
for _module in (demo, manuscript, export, detect, check, chat, answer, audit, serve):
    _module.register(app)
for _name, _group in (
    ("projects", projects.app),
    ("threads", threads.app),
    ("runs", runs.app),
    ("streams", streams.app),
    ("tools", tools.app),
    ("grants", grants.app),
    ("contracts", contracts.app),
    ("maintenance", maintenance.app),
    ("db", db.app),
):
    app.add_typer(_group, name=_name)


def _print_version(value: bool) -> None:
    if value:
        from importlib import metadata  # start-up cost: only for this option

        print(f"saga-agent {metadata.version('saga-agent')}")
        raise typer.Exit


@app.callback()
def _options(  # pyright: ignore[reportUnusedFunction] # typer keeps it
    debug: Annotated[bool, typer.Option("--debug", envvar="SAGA_DEBUG", help="Log, and show tracebacks.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    set_up_logging(debug=debug)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs the command line and exits: 0 done, 1 found or failed, 2 wrong use."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        app(given, prog_name="saga")
    except Exception as error:
        if "--debug" in given or os.environ.get("SAGA_DEBUG"):
            traceback.print_exc()
        print(f"saga: {sentence(error)}", file=sys.stderr)
        sys.exit(exit_code(error))
    sys.exit(0)
