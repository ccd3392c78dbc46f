"""The page of the command line, written from what the commands say of themselves."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import typer.main
from typer import Context
from typer.core import TyperCommand, TyperGroup

from saga_agent.cli.main import app

_WIDTH = 100
_HEAD = """# The command line

`saga` is installed with the package. Every command has `--help` with an example, those that print data have `--json`.

- **Database**: `--database` takes a file or a URL; by default `./saga.db`, or what `SAGA_DATABASE` says.
- **Model**: `--model` takes [a model's name](../how-to/use-your-own-model.md); by default `offline`, or what
  `SAGA_MODEL` says.
- **Exit codes**: 0 done, 1 found or failed, 2 wrong use.
- **Errors** are one sentence on stderr. `saga --debug COMMAND`, or `SAGA_DEBUG=1`, shows tracebacks and logs.
- Where a terminal watches, output has colours and long work shows its progress.
"""


def command_line_reference() -> str:
    """The page as Markdown, the commands in the order in which `saga --help` lists them."""
    command = typer.main.get_group(app)
    context = _context(command, "saga")
    return "\n".join((_HEAD, _block(command, context), *_below(command, context, "##")))


def _below(group: TyperGroup, context: Context, mark: str) -> Iterator[str]:
    """The sections of a group's visible commands; a group in it has a section for each of its own."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if not isinstance(command, TyperGroup | TyperCommand) or command.hidden:
            continue
        inner = _context(command, name, parent=context)
        told = f"{command.help}\n" if isinstance(command, TyperGroup) else _block(command, inner)
        yield f"{mark} `{inner.command_path}`\n\n{told}"
        if isinstance(command, TyperGroup):
            yield from _below(command, inner, f"{mark}#")


def _context(command: TyperGroup | TyperCommand, name: str, *, parent: Context | None = None) -> Context:
    return Context(
        command,
        info_name=name,
        parent=parent,
        help_option_names=["--help", "-h"],
        terminal_width=_WIDTH,
        max_content_width=_WIDTH,
    )


def _block(command: TyperGroup | TyperCommand, context: Context) -> str:
    help_text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    return f"```text\n{help_text}\n```\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(command_line_reference(), encoding="utf-8", newline="\n")
