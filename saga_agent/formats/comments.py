"""Private comments in Markdown: what an author hides from readers, `%% so %%` or `<!-- so -->`, is for nobody else.

A comment that is opened at the start of a line and never closed hides the rest of the text, as Obsidian shows it; one
opened within a line and never closed is no comment. In code the marks mean nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r"(?P<fence>^[ \t]*(?P<mark>`{3,}|~{3,})[^\n]*(?:\n|\Z))"
    r"|(?P<code>`[^`\n]*`)"
    r"|(?P<obsidian>%%)"
    r"|(?P<html><!--)",
    re.MULTILINE,
)
_BLANK_LINE = re.compile(r"[ \t\r]*(?:\n|\Z)")


def without_comments(text: str) -> str:
    """The text less its comments; a line that held nothing else goes with them."""
    kept: list[str] = []
    at = 0
    for start, end in _spans(text):
        before = text[at:start]
        kept.append(before)
        at = end
        is_line = not before.rpartition("\n")[2].strip() and (bool(before) or start == 0)
        if is_line and (rest := _BLANK_LINE.match(text, end)) is not None:
            at = rest.end()
    return "".join([*kept, text[at:]])


def comments_in(text: str) -> tuple[str, ...]:
    """The comments, with their marks, in order."""
    return tuple(text[start:end] for start, end in _spans(text))


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Where comments stand; every character is looked at once or twice."""
    at = 0
    closings: dict[str, int] = {}
    while (token := _TOKEN.search(text, at)) is not None:
        at = token.end()
        if token["code"]:
            continue
        if token["fence"]:
            closing = re.compile(rf"^[ \t]*{re.escape(token['mark'])}+[ \t\r]*$", re.MULTILINE).search(text, at)
            at = closing.end() if closing else len(text)
            continue
        mark = "%%" if token["obsidian"] else "-->"
        if closings.get(mark, 0) >= 0 and closings.get(mark, 0) < at:
            closings[mark] = text.find(mark, at)
        end = closings[mark]
        if end >= 0:
            at = end + len(mark)
            yield token.start(), at
        elif not text[text.rfind("\n", 0, token.start()) + 1 : token.start()].strip():
            yield token.start(), len(text)
            return
