"""Emphasis in stored text: `_italic_` and `**bold**`, as runs that a word processor or a browser can set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_MARKED = re.compile(
    r"(?<![\w_*])(?P<open>\*\*_|\*\*|_)(?P<words>[^\s_*](?:[^_*\n]*[^\s_*])?)(?P<close>_\*\*|\*\*|_)(?![\w_*])"
)


class Run(NamedTuple):
    """Text that is set alike."""

    text: str
    italic: bool = False
    bold: bool = False


def runs_of(text: str) -> Iterator[Run]:
    """The runs of a text, in order; marks that do not pair stay text."""
    end = 0
    for match in _MARKED.finditer(text):
        if match["close"] != match["open"][::-1]:
            continue
        if match.start() > end:
            yield Run(text[end : match.start()])
        yield Run(match["words"], italic="_" in match["open"], bold="**" in match["open"])
        end = match.end()
    if end < len(text):
        yield Run(text[end:])
