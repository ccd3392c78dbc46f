"""Tracked changes: a text with replacements in it, as the paragraphs that a word processor shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from saga_agent.formats.emphasis import marked_spans

Mark = Literal["", "ins", "del"]

_BREAK = re.compile(r"(\n{2,})")


@dataclass(frozen=True, slots=True)
class TrackedEdit:
    """A replacement that is offered: `text[start:end]` becomes `after`."""

    start: int
    end: int
    after: str
    author: str = "Saga"


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that is kept, inserted or deleted as a whole."""

    mark: Mark
    text: str
    author: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The pieces of a paragraph, and whether its end is one that a change brings or takes away."""

    pieces: tuple[Piece, ...]
    end: Piece


def trimmed(edit: TrackedEdit, text: str) -> TrackedEdit:
    """The edit without what it replaces by itself at its two ends, whole words kept whole."""
    before = text[edit.start : edit.end]
    front = _common(before, edit.after)
    back = _common(before[front:][::-1], edit.after[front:][::-1])
    while front and not before[front - 1].isspace():
        front -= 1
    while back and not before[len(before) - back].isspace():
        back -= 1
    start, end = edit.start + front, edit.end - back
    return _whole_marks(TrackedEdit(start, end, edit.after[front : len(edit.after) - back], edit.author), text)


def _whole_marks(edit: TrackedEdit, text: str) -> TrackedEdit:
    """The edit widened so that no `_word_` is half inside of it, in the text or in what it becomes."""
    first, last = text.rfind("\n", 0, edit.start) + 1, text.find("\n", edit.end)
    last = len(text) if last < 0 else last
    start, end = edit.start, edit.end
    for before, after in marked_spans(text[first:last]):
        start = first + before if first + before < start < first + after else start
        end = first + after if first + before < end < first + after else end
    new = text[first : edit.start] + edit.after + text[edit.end : last]
    new_start, new_end = edit.start - first, edit.start - first + len(edit.after)
    for before, after in marked_spans(new):
        start = min(start, first + before) if before < new_start < after else start
        end = max(end, edit.end + after - new_end) if before < new_end < after else end
    return TrackedEdit(start, end, text[start : edit.start] + edit.after + text[edit.end : end], edit.author)


def paragraphs(text: str, edits: Iterable[TrackedEdit]) -> Iterator[Paragraph]:
    """The paragraphs of the text with the edits, which do not overlap; a wider gap is an empty paragraph."""
    held: list[Piece] = []
    for piece in _pieces(text, sorted(edits, key=lambda edit: edit.start)):
        for part in _BREAK.split(piece.text):
            if not part.startswith("\n\n"):
                held += [Piece(piece.mark, part, piece.author)] if part else []
                continue
            end = Piece(piece.mark, "", piece.author)
            yield Paragraph(tuple(held), end)
            for _ in part[2:]:
                yield Paragraph((), end)
            held = []
    yield Paragraph(tuple(held), Piece("", ""))


def _pieces(text: str, edits: list[TrackedEdit]) -> Iterator[Piece]:
    at = 0
    for edit in edits:
        edit = _whole_breaks(edit, text, at)
        yield Piece("", text[at : edit.start])
        yield Piece("del", text[edit.start : edit.end], edit.author)
        yield Piece("ins", edit.after, edit.author)
        at = edit.end
    yield Piece("", text[at:])


def _whole_breaks(edit: TrackedEdit, text: str, floor: int) -> TrackedEdit:
    """The edit widened so that it holds line breaks beside it whole, where it touches one."""
    start, end, after = edit.start, edit.end, edit.after
    if "\n" in (text[start : start + 1], after[:1]):
        while start > floor and text[start - 1] == "\n":
            start, after = start - 1, "\n" + after
    if "\n" in (text[end - 1 : end], after[-1:]):
        while text[end : end + 1] == "\n":
            end, after = end + 1, after + "\n"
    return TrackedEdit(start, end, after, edit.author)


def _common(one: str, other: str) -> int:
    """How many characters the two begin with alike."""
    size = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        size += 1
    return size
