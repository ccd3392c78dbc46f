"""The division of a text: which headings begin its documents, and what else could."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from saga_agent.errors import InvalidInput
from saga_agent.formats.blocks import Block
from saga_agent.formats.book import Division
from saga_agent.formats.headings import Heading, recognise
from saga_agent.formats.levels import levels_of, marks_by_level
from saga_agent.formats.listed import listed_titles
from saga_agent.formats.marks import Mark, matter_role
from saga_agent.formats.outline import outline
from saga_agent.formats.richtext import Matter
from saga_agent.formats.set_off import set_off_titles

AUTO, FILE = "auto", "file"
_HEADING = re.compile(r"heading:([1-6])")


def divide(
    blocks: list[Block], split: str = AUTO, matter: Mapping[int, Matter] = MappingProxyType({})
) -> tuple[list[Mark], Division]:
    """The marks that divide the blocks, and how they were chosen.

    Args:
        blocks: All the text.
        split: `auto`, `file` for one document, or `heading:1` to `heading:6` for the level of the chapters.
        matter: What the document itself says that some headings begin, by their lines; they tell nothing of levels.

    Raises: `InvalidInput` for another split, or a level that has no heading.
    """
    wanted = _HEADING.fullmatch(split)
    if not wanted and split not in (AUTO, FILE):
        raise InvalidInput(f"A text cannot be split by {split!r}; name auto, file, or heading:1 to heading:6.")
    found = {index: heading for index, block in enumerate(blocks) if (heading := recognise(block)) is not None}
    said = [Mark(i, matter[blocks[i].line], heading) for i, heading in found.items() if blocks[i].line in matter]
    for mark in said:
        del found[mark.block]
    markdown = {index: heading for index, heading in found.items() if heading.level}
    by_level = {level: marks_by_level(markdown, blocks, level=level) for level in levels_of(markdown)}
    if wanted and int(wanted[1]) not in by_level:
        there = ", ".join(f"heading:{level}" for level in by_level) or "none"
        raise InvalidInput(f"There are no headings of level {wanted[1]} in it; it has {there}.")
    marks, named = (by_level[int(wanted[1])], "") if wanted else _found_marks(found, blocks)
    marks = [] if split == FILE else sorted([*marks, *_placed(said, marks)], key=lambda mark: mark.block)
    chosen = FILE if not marks else f"heading:{wanted[1]}" if wanted else named or _kind_of(marks)
    others = {f"heading:{level}": _documents(made) for level, made in by_level.items()} | {FILE: 1}
    others.pop(chosen, None)
    return marks, Division(chosen, _documents(marks) or 1, tuple(others.items()))


def _placed(said: list[Mark], marks: list[Mark]) -> list[Mark]:
    """What the document says of its matter, where it stands: a copyright page after the last chapter is back matter."""
    chapters = [mark.block for mark in marks if mark.role == "chapter"]
    if not chapters:
        return said
    return [
        replace(mark, role=matter_role(mark.heading, mark.block, chapters[0], chapters[-1]))
        if mark.role in ("front", "back") and not chapters[0] < mark.block < chapters[-1]
        else mark
        for mark in said
    ]


def _found_marks(found: dict[int, Heading], blocks: list[Block]) -> tuple[list[Mark], str]:
    """The marks, and by what they were found where headings alone do not say it."""
    if marks := outline(blocks, found):
        return marks, ""
    if marks := listed_titles(blocks):
        return marks, "table of contents"
    named, titles = set_off_titles(blocks)
    return [Mark(index, "chapter", heading) for index, heading in titles.items()], named


def _kind_of(marks: list[Mark]) -> str:
    chapters = [mark for mark in marks if mark.role == "chapter"] or marks
    heading = chapters[0].heading
    if heading.explicit_kind:
        return "attributes"
    if any(mark.heading.level for mark in chapters):
        return f"heading:{max(mark.heading.level for mark in chapters)}"
    return "numbers" if heading.family in ("bare", "numbered") else "words"


def _documents(marks: list[Mark]) -> int:
    return sum(mark.role in ("chapter", "front", "back") for mark in marks)
