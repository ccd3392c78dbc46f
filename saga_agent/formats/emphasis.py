r"""Marks in stored text: `_italic_` and `**bold**`, and the backslash that says a mark is meant as it stands.

Every reader and writer of manuscripts agrees on this. Text that a document holds as it stands goes in through
`as_literal`, so that a typed `_sigh_` is stored as `\_sigh\_`; writers of formats that have real emphasis take it out
again through `runs_of`. Plain text and Markdown are stored as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_OPEN = r"\*\*_|_\*\*|__\*|\*__|\*\*\*|___|\*\*|__|\*|_"
_MARKED = re.compile(
    rf"(?<![\w\\*_])(?P<open>{_OPEN})(?P<words>(?![\s*_])(?:\\.|[^_*\n\\]|(?<=[^\W_])_(?=[^\W_]))+(?<!\s))"
    rf"(?P<close>{_OPEN})(?![\w*_])"
)
_ESCAPED = re.compile(r"\\([\\_*#`~\[\]<>|{}()+.!=:&$%-])")
_NEEDS_ESCAPE = re.compile(r"\\(?=[\\_*#`~\[\]<>|{}()+.!=:&$%-])|(?<![^\W_])_|_(?![^\W_])|(?<!\s)\*|\*(?!\s|\Z)")


class TextRun(NamedTuple):
    """Text that is set alike."""

    text: str
    italic: bool = False
    bold: bool = False


def as_literal(text: str) -> str:
    """The text so that it is read as it stands: with backslashes before its marks, where any would be read as such."""
    return text if [*runs_of(text)] in ([], [TextRun(text)]) else escape_marks(text)


def escape_marks(text: str) -> str:
    """The text with a backslash before every character that could be read as a mark, whatever stands around it."""
    return _NEEDS_ESCAPE.sub(r"\\\g<0>", text)


def without_escapes(text: str) -> str:
    """The text without the backslashes that `as_literal` puts in."""
    return _ESCAPED.sub(r"\1", text)


def marked_spans(text: str) -> list[tuple[int, int]]:
    """Where words with their marks stand in a stored text, as half-open offsets."""
    return [match.span() for match in _MARKED.finditer(text) if match["close"] == match["open"][::-1]]


def runs_of(text: str) -> Iterator[TextRun]:
    """The runs of a stored text, in order, its escapes taken out; marks that do not pair stay text."""
    end = 0
    for match in _MARKED.finditer(text):
        if match["close"] != match["open"][::-1]:
            continue
        if match.start() > end:
            yield TextRun(without_escapes(text[end : match.start()]))
        strength = len(match["open"])
        yield TextRun(without_escapes(match["words"]), italic=strength % 2 == 1, bold=strength > 1)
        end = match.end()
    if end < len(text):
        yield TextRun(without_escapes(text[end:]))
