"""Where sentences end, in prose with dialogue.

A full stop after a title or an initial ends nothing, nor does a mark that a small letter follows, as in
`"Stop!" she said.`; a blank line always ends a sentence.
"""

from __future__ import annotations

import re

from saga_agent.linking.titles import is_short_title

Span = tuple[int, int]
"""Half-open offsets into the text."""

_END = re.compile(r"(?:[.!?]+|…+)[\"'”’»)\]_*]*(?=\s|$)|\n[ \t]*\n")
_OPENING = "\"'“‘«([_*—–-"
_SHORTENED = "etc vs e.g i.e viz cf no vol pp p ed approx dept est fig inc jr sr ltd co mt ft"
_ABBREVIATIONS = frozenset(_SHORTENED.split())


def split_sentences(text: str) -> list[Span]:
    """The sentences of a text without the white space around them."""
    spans: list[Span] = []
    start = 0
    for mark in _END.finditer(text):
        if _ends(text, mark):
            _add(spans, text, start, mark.end())
            start = mark.end()
    _add(spans, text, start, len(text))
    return spans


def _ends(text: str, mark: re.Match[str]) -> bool:
    if mark[0].startswith("\n"):
        return True
    after = mark.end()
    while after < len(text) and text[after].isspace():
        after += 1
    if "\n\n" in text[mark.end() : after]:
        return True
    while after < len(text) and text[after] in _OPENING:
        after += 1
    if after < len(text) and text[after].islower():
        return False
    return not (mark[0][0] == "." and len(mark[0].rstrip("\"'”’»)]_*")) == 1 and _abbreviates(text, mark.start()))


def _abbreviates(text: str, dot: int) -> bool:
    start = dot
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] == "."):
        start -= 1
    word = text[start:dot]
    if len(word) == 1 and word.isupper() and word != "I":
        return True
    return word.lower() in _ABBREVIATIONS or (word[:1].isupper() and is_short_title(word))


def _add(spans: list[Span], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if any(char.isalnum() for char in text[start:end]):
        spans.append((start, end))
