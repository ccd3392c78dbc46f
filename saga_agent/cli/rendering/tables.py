"""Tables: one look for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

Cell = str | Text | int


def build_table(*columns: str, rows: Iterable[Sequence[Cell]], title: str | None = None) -> Table:
    """A table with these columns; a column whose name begins with `#` holds numbers and stands right."""
    table = Table(box=box.SIMPLE_HEAD, title=title, title_style="title", title_justify="left", header_style="note")
    for column in columns:
        # ids must be copied whole, so they are the last to be cut
        is_id = column.lstrip("#") in ("id", "run", "thread", "stream", "request")
        table.add_column(column.lstrip("#"), justify="right" if column.startswith("#") else "left", no_wrap=is_id)
    for row in rows:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int) else cell for cell in row))
    return table


def build_facts(rows: Iterable[tuple[str, Cell]]) -> Table:
    """Names and values below one another, without lines."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="note", no_wrap=True)
    table.add_column()
    for name, value in rows:
        table.add_row(name, f"{value:,}" if isinstance(value, int) else value)
    return table


def state_text(state: str) -> Text:
    """A state of a run, a call or a request, coloured by what it means."""
    styles = {"finished": "good", "answered": "good", "consumed": "good", "failed": "bad", "waiting": "ask"}
    styles |= {"stopped": "warn", "interrupted": "warn", "pending": "ask", "running": "tool", "started": "tool"}
    return Text(state, style=styles.get(state, "note"))
