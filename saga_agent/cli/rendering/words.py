"""Small pieces of text: shortened values, counts, times."""

from __future__ import annotations

import json
from datetime import datetime


def shorten(text: str, chars: int) -> str:
    """The text on one line, cut with an ellipsis when it is longer."""
    text = " ".join(text.split())
    return text if len(text) <= chars else text[: chars - 1].rstrip() + "…"


def short_value(value: object, *, chars: int = 60) -> str:
    """A JSON value in few characters; strings stand in quotes."""
    return shorten(json.dumps(value, ensure_ascii=False), chars)


def plural(count: int, noun: str, many: str | None = None) -> str:
    """`1 chapter`, `2 chapters`, `3 entries`."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def when(seconds: float | None) -> str:
    """A moment in local time; empty for None."""
    return "" if seconds is None else datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M:%S")
