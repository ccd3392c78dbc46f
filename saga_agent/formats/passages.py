"""Passages: a text in pieces of about equal size, cut where a reader would pause; for retrieval."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from saga_agent.errors import InvalidInput

_PARAGRAPH_END = re.compile(r"\n[^\S\n]*(?=\n)")
_SENTENCE_END = re.compile(
    r"(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bDr)(?<!\bSt)[.!?…]+[\"'”’»)\]_*]*(?=\s+[^\sa-z])|[。！？]+[」』”’]*"
)
_WORD_END = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class PassageSpan:
    """A passage: half-open code-point offsets into the text."""

    start: int
    end: int


def split_passages(text: str, *, target_chars: int = 900) -> list[PassageSpan]:
    """The text as passages of at most `target_chars`, in order, with only white space between them.

    Cut after paragraphs where they fit, else after sentences, else between words, and inside a word only
    when it alone is longer than the target.
    """
    if target_chars < 1:
        raise InvalidInput(f"target_chars is {target_chars}; give a positive number of characters.")
    passages: list[PassageSpan] = []
    open_start = open_end = -1
    for start, end in _pieces(text, target_chars):
        if open_start >= 0 and end - open_start <= target_chars:
            open_end = end
            continue
        if open_start >= 0:
            passages.append(PassageSpan(open_start, open_end))
        open_start, open_end = start, end
    if open_start >= 0:
        passages.append(PassageSpan(open_start, open_end))
    return passages


def _pieces(text: str, target: int) -> Iterator[tuple[int, int]]:
    """The largest pieces that fit: paragraphs, sentences of long paragraphs, word groups of long sentences."""
    for paragraph in _cut(text, 0, len(text), _PARAGRAPH_END):
        if paragraph[1] - paragraph[0] <= target:
            yield paragraph
            continue
        for sentence in _cut(text, *paragraph, _SENTENCE_END):
            if sentence[1] - sentence[0] <= target:
                yield sentence
                continue
            for start, end in _cut(text, *sentence, _WORD_END):
                yield from ((at, min(at + target, end)) for at in range(start, end, target))


def _cut(text: str, start: int, end: int, boundary: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """The stripped, non-empty spans of the text between two boundaries."""
    ends = [match.end() for match in boundary.finditer(text, start, end)]
    for stop in (*ends, end):
        span_start, span_end = _stripped(text, start, stop)
        if span_start < span_end:
            yield span_start, span_end
        start = stop


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
