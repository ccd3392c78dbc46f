"""A cast as a table, with a small picture of who appears where."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from saga_agent.cli.casts import CastMember
from saga_agent.cli.rendering.tables import build_table

_BARS = "▁▂▃▄▅▆▇█"
_ABSENT = "·"


def cast_table(members: Sequence[CastMember], *, title: str, limit: int) -> Table:
    """The most frequent members: name, kind, mentions, and a bar for each chapter."""
    chapters = max((len(member.counts) for member in members), default=0)
    shown = members[:limit]
    rows = [
        (
            Text(member.name, style="title" if member.known else ""),
            Text(member.kind or "?", style="note"),
            member.count,
            Text(sparkline(member.counts), style="tool"),
        )
        for member in shown
    ]
    table = build_table("name", "kind", "#mentions", f"chapters 1–{chapters}", rows=rows, title=title)
    if len(members) > len(shown):
        table.caption, table.caption_justify = f"and {len(members) - len(shown):,} more", "left"
    return table


def sparkline(counts: Sequence[int]) -> str:
    """A character for each number: `·` for none, then bars up to the greatest."""
    top = max(counts, default=0)
    return "".join(_ABSENT if count == 0 else _BARS[(count * len(_BARS) - 1) // top] for count in counts)
