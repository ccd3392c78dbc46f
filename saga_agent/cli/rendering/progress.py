"""A bar for long work; nothing where there is no terminal."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from saga_agent.cli.rendering.words import shorten


@contextmanager
def show_progress(console: Console) -> Generator[Callable[[int, int, str], None]]:
    """A function that is called with (done, total, what) and moves the bar; the bar goes away at the end."""
    bar = Progress(
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("{task.description}", markup=False),
        console=console,
        transient=True,
        disable=not console.is_terminal or console.record,
    )
    with bar:
        task = bar.add_task("", total=None)
        yield lambda done, total, what: bar.update(task, completed=done, total=total, description=shorten(what, 50))
