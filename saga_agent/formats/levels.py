"""Levels: the outline of a Markdown text, where the number of `#` tells parts from chapters from scenes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from saga_agent.formats.blocks import Block
from saga_agent.formats.headings import Heading
from saga_agent.formats.marks import Mark, matter_role

_TITLE_PAGE_WORDS = 25


def marks_by_level(found: dict[int, Heading], blocks: list[Block]) -> list[Mark]:
    """Marks from Markdown headings: one level holds the chapters, the levels above it parts or the title."""
    level, counted = _chapter_level(found)
    numbered = [index for index, heading in found.items() if heading.level == level and _is_chapter(heading, counted)]
    first, last = (numbered[0], numbered[-1]) if numbered else (max(found) + 1, -1)
    marks: list[Mark] = []
    for index, heading in found.items():
        if heading.level > level:
            continue
        if heading.level < level or (counted and heading.family == "part"):
            is_title = heading.family != "part" and _begins_the_text(index, found, blocks)
            marks.append(Mark(index, "title" if is_title else "part", heading))
        elif counted and heading.family == "plain" and _is_title_page(index, found, blocks):
            marks.append(Mark(index, "title", heading))
        elif heading.family == "matter" or (counted and heading.family == "plain"):
            uncounted = replace(heading, family="matter")
            marks.append(Mark(index, matter_role(heading, index, first, last), uncounted))
        else:
            marks.append(Mark(index, "chapter", heading))
    return marks


def _chapter_level(found: dict[int, Heading]) -> tuple[int, bool]:
    """The level of the chapters, and whether they are counted ("Chapter 3") there."""
    units = Counter(heading.level for heading in found.values() if heading.family == "unit")
    if units:
        return units.most_common(1)[0][0], True
    levels = sorted({heading.level for heading in found.values()})
    top = [heading for heading in found.values() if heading.level == levels[0]]
    only_parts = all(heading.family == "part" for heading in top)
    return levels[1] if len(levels) > 1 and (len(top) == 1 or only_parts) else levels[0], False


def _is_chapter(heading: Heading, counted: bool) -> bool:
    return heading.family == "unit" if counted else heading.family != "matter"


def _is_title_page(index: int, found: dict[int, Heading], blocks: list[Block]) -> bool:
    """Whether it begins the text and has hardly a word of its own."""
    if not _begins_the_text(index, found, blocks):
        return False
    end = list(found)[1] if len(found) > 1 else len(blocks)
    return _words(blocks[index + 1 : end]) < _TITLE_PAGE_WORDS


def _begins_the_text(index: int, found: dict[int, Heading], blocks: list[Block]) -> bool:
    """Whether it is the first heading, after no more than a line or a picture."""
    return index == next(iter(found)) and _words(blocks[:index]) < _TITLE_PAGE_WORDS


def _words(blocks: list[Block]) -> int:
    return sum(len(line.split()) for block in blocks for line in block.lines)
