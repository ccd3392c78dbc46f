"""The two consoles of a command, and JSON for programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from typing import IO

from pydantic import BaseModel
from rich.console import Console
from rich.theme import Theme

THEME = Theme(
    {
        "title": "bold",
        "note": "dim",
        "good": "green",
        "bad": "red",
        "warn": "yellow",
        "tool": "cyan",
        "who": "bold magenta",
        "ask": "yellow",
        "key": "bold cyan",
        "void": "dim strike",
        # rich's own inline code stands on a black ground, which glares in a light terminal
        "markdown.code": "cyan",
        "markdown.block_quote": "italic",
    }
)
_PIPE_WIDTH = 120
"""Where there is no terminal, lines may be a little longer, so that ids are not cut."""


def build_console(file: IO[str], *, record: bool = False, width: int | None = None) -> Console:
    """A console that prints text as it is: no markup, no emoji codes, no guessed highlights."""
    if width is None and not file.isatty() and "COLUMNS" not in os.environ:
        width = _PIPE_WIDTH
    return Console(
        file=file,
        theme=THEME,
        markup=False,
        emoji=False,
        highlight=False,
        width=width,
        record=record,
        force_terminal=True if record else None,
        color_system="truecolor" if record else "auto",
    )


def stdout() -> Console:
    """Where results go."""
    return build_console(sys.stdout)


def stderr() -> Console:
    """Where progress and remarks go, so that results can be piped."""
    return build_console(sys.stderr)


def print_json(value: object) -> None:
    """One JSON document on stdout."""
    print(json.dumps(_plain(value), ensure_ascii=False, indent=2))


def print_json_list(values: Iterable[object]) -> None:
    """The values as one JSON array."""
    print_json([_plain(value) for value in values])


def print_json_line(value: object) -> None:
    """One JSON object on a line of its own, seen at once by whoever reads the pipe."""
    print(json.dumps(_plain(value), ensure_ascii=False), flush=True)


def _plain(value: object) -> object:
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else value
