"""Listed titles: chapters of a text without headings, told by the table of contents that names them before the text."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from saga_agent.formats.blocks import Block, ends_sentence
from saga_agent.formats.headings import Heading, recognise
from saga_agent.formats.marks import Mark, matter_role

_MAX_ENTRY = 120
_COUNT = re.compile(r"^\s*(?:\d{1,3}|[IVXLC]{1,7})[.):]?\s+")
_PAGE = re.compile(r"(?:\s*[.…·_]{2,}\s*|\s{2,}|\t)(?:\d{1,4}|[ivxlc]{1,7})\s*$")
_MARKS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class _ListedLine:
    block: int
    key: str
    is_lone: bool


def listed_titles(blocks: list[Block]) -> list[Mark]:
    """Marks for lone lines that a list before them names, in its order, and for the list; none for fewer than two.

    A list is a run of short lines, under a heading such as "Contents" or without one, of which at least two in three
    come again further on as lines of their own.
    """
    start = next((i for i, block in enumerate(blocks) if _is_contents(block)), None)
    again = Counter(line.key for line in _lines(blocks) if line.is_lone)
    listed = _run(blocks, 0 if start is None else start, again)
    begins = next((place for place, line in enumerate(listed) if again[line.key] > line.is_lone), None)
    if begins is None:
        return []
    marks, entries = _matched(blocks, listed[begins:])
    if len(marks) < 2 or 3 * len(marks) < 2 * entries:
        return []
    titles = [blocks[mark.block].lines[0].strip().strip("_*#").strip() for mark in marks]
    if start is None and (titles[0][:1].islower() or not all(title[:1].isalnum() for title in titles)):
        return []  # without a heading, lines that come again may be a refrain or items as well
    first, last = marks[0].block, marks[-1].block
    heading = blocks[start].lines[0].strip() if start is not None else ""
    contents = [Mark(start, "contents", _with_rest(heading, blocks[start]))] if start is not None else []
    return [*contents, *(_with_role(mark, first, last) for mark in marks)]


def _matched(blocks: list[Block], listed: list[_ListedLine]) -> tuple[list[Mark], int]:
    """The lines of the text that the list names, in its order, and how long the list is: its end is what comes again.

    A list without a heading and the first chapter may follow each other without anything between: the list ends where
    its first entry comes a second time.
    """
    keys: list[str] = []
    end = listed[-1].block
    for line in listed:
        if line.key in keys:
            end = line.block - 1
            break
        keys.append(line.key)
    marks: list[Mark] = []
    at = 0
    places = {key: place for place, key in enumerate(keys)}
    for index in range(end + 1, len(blocks)):
        key = _key(blocks[index].lines[0]) if len(blocks[index].lines) == 1 else ""
        if key in places and places[key] >= at and index + 1 < len(blocks):
            at = places[key] + 1
            text = blocks[index].lines[0].strip().strip("_*#").strip()
            marks.append(Mark(index, "chapter", recognise(blocks[index]) or Heading("plain", "", None, text, text)))
    return marks, len(keys)


def _with_role(mark: Mark, first: int, last: int) -> Mark:
    if mark.heading.family != "matter":
        return mark
    outer = matter_role(mark.heading, mark.block, first + 1, last - 1)
    return Mark(mark.block, "chapter" if outer == "contents" else outer, mark.heading)


def _with_rest(heading: str, block: Block) -> Heading:
    return Heading("matter", "contents", None, "", heading, rest=block.lines[1:])


def _is_contents(block: Block) -> bool:
    heading = recognise(block)
    return heading is not None and heading.family == "matter" and heading.unit == "contents"


def _run(blocks: list[Block], start: int, again: Counter[str]) -> list[_ListedLine]:
    """The short lines from a block on, up to the first paragraph of text."""
    lines: list[_ListedLine] = []
    for index, block in enumerate(blocks[start:], start):
        if block.is_separator:
            continue
        found = _lines_of(block, index)
        is_entry = any(again[line.key] > line.is_lone for line in found)
        if len(found) < len(block.lines) or (lines and ends_sentence(block) and not is_entry):
            break
        lines += found
    return lines


def _lines(blocks: list[Block]) -> list[_ListedLine]:
    return [line for index, block in enumerate(blocks) for line in _lines_of(block, index)]


def _lines_of(block: Block, index: int) -> list[_ListedLine]:
    lone = len(block.lines) == 1
    return [_ListedLine(index, key, lone) for line in block.lines if len(line) <= _MAX_ENTRY and (key := _key(line))]


def _key(line: str) -> str:
    """What two lines have in common that name the same chapter: no count before it, no page after it."""
    bare = _COUNT.sub("", _PAGE.sub("", line.strip().strip("*_#")))
    return _MARKS.sub(" ", bare).strip().casefold()
