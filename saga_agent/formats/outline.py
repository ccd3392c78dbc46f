"""The outline of a text: which of its blocks are headings that begin chapters, parts, front and back matter."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from dataclasses import replace
from itertools import pairwise

from saga_agent.formats.blocks import Block, ends_sentence
from saga_agent.formats.counting import is_chapter_noun
from saga_agent.formats.headings import Heading, is_title
from saga_agent.formats.levels import marks_by_level
from saga_agent.formats.marks import Mark, matter_role
from saga_agent.formats.matter import BETWEEN_CHAPTERS


def outline(blocks: list[Block], found: dict[int, Heading]) -> list[Mark]:
    """The marks that divide the blocks, in order, of the headings found in them; none for a text without chapters."""
    explicit = [Mark(index, kind, heading) for index, heading in found.items() if (kind := heading.explicit_kind)]
    if explicit:
        return explicit
    markdown = {index: heading for index, heading in found.items() if heading.level}
    units = [heading for heading in found.values() if heading.family == "unit" and not heading.level]
    if markdown and not (len(markdown) == 1 and units):
        return marks_by_level(markdown, blocks)
    chapters = _chapters(found, blocks)
    return _with_titles(_with_surroundings(chapters, found, blocks), blocks) if chapters else []


def _chapters(found: dict[int, Heading], blocks: list[Block]) -> dict[int, Heading]:
    """The chapter headings of plain text: counted words first, then titled numbers, bare numbers, parts."""
    units = {index: heading for index, heading in found.items() if heading.family == "unit"}
    if units:
        kind = _main_unit(units)
        chapters = _without_contents({index: heading for index, heading in units.items() if heading.unit == kind})
        return _continued(chapters, found, blocks)
    parts = {index: heading for index, heading in found.items() if heading.family == "part"}
    for family in ("numbered", "bare"):
        numbers = {index: heading for index, heading in found.items() if heading.family == family}
        chapters = _counted_up(_without_contents(numbers), parts)
        if len(chapters) > 1 and _have_text(chapters, blocks) and _after_sentences(chapters, blocks):
            return chapters
    return _without_contents(parts)


def _main_unit(units: dict[int, Heading]) -> str:
    """The noun of the chapters: of nouns that follow each other, such as letters and then chapters, a chapter's."""
    kinds = Counter(heading.unit for heading in units.values())
    (kind, _), *others = kinds.most_common()
    for other, count in others:
        places = [[index for index, heading in units.items() if heading.unit == unit] for unit in (kind, other)]
        apart = places[0][-1] < places[1][0] or places[1][-1] < places[0][0]
        if apart and count > 1 and is_chapter_noun(other) and not is_chapter_noun(kind):
            return other
    return kind


def _without_contents(headings: dict[int, Heading]) -> dict[int, Heading]:
    """The headings less those of a table of contents: no text follows them, and their number comes again."""
    indexes = list(headings)
    last_index = {_count(heading): index for index, heading in headings.items()}
    dropped: set[int] = set()
    for position, index in enumerate(indexes):
        number = headings[index].number
        if last_index[_count(headings[index])] == index or headings[index].rest:
            continue
        empty = indexes[position + 1] == index + 1
        before = indexes[position - 1] if position else None
        ends_list = before in dropped and before == index - 1 and headings[before].number == (number or 0) - 1
        if empty or ends_list:
            dropped.add(index)
    return {index: heading for index, heading in headings.items() if index not in dropped}


def _count(heading: Heading) -> int | str:
    return heading.text if heading.number is None else heading.number


def _continued(chapters: dict[int, Heading], found: dict[int, Heading], blocks: list[Block]) -> dict[int, Heading]:
    """The chapters with those that lost their word on the way ("VII. THE BLUE CARBUNCLE" after "ADVENTURE VI").

    A number that a later chapter has, or that stands in a list of numbers, is none.
    """
    result: dict[int, Heading] = {}
    last = None
    counted = {heading.number for heading in chapters.values()}
    gap = min((blocks[index].gap for index in chapters if index), default=0)
    for index, heading in found.items():
        follows = heading.family == "numbered" and last is not None and heading.number == last + 1
        follows = follows and heading.number not in counted and blocks[index].gap >= gap
        listed = any(each in found and found[each].family == "numbered" for each in (index - 1, index + 1))
        if index in chapters or (follows and not listed):
            result[index] = heading
            last = heading.number
    return result


def _counted_up(numbers: dict[int, Heading], parts: dict[int, Heading]) -> dict[int, Heading]:
    """The numbers that count up from 1 without a gap, beginning again only after a part's heading."""
    result: dict[int, Heading] = {}
    last, last_index = 0, -1
    part_indexes = list(parts)
    for index, heading in numbers.items():
        new_part = heading.number == 1 and bisect(part_indexes, last_index) < bisect(part_indexes, index)
        if heading.number == last + 1 or new_part:
            result[index] = heading
            last, last_index = heading.number or 0, index
    return result


def _have_text(chapters: dict[int, Heading], blocks: list[Block]) -> bool:
    """Whether most numbers are followed by text; the items of a list are not."""
    empty = sum(index + 1 in chapters or index + 1 == len(blocks) for index in chapters)
    return 2 * empty <= len(chapters)


def _after_sentences(chapters: dict[int, Heading], blocks: list[Block]) -> bool:
    """Whether numbers stand between paragraphs; page numbers would cut sentences."""
    before = [blocks[index - 1] for index in chapters if index]
    cutting = sum(not ends_sentence(block) and not is_title(block.lines[-1].strip()) for block in before)
    return cutting * 10 <= len(before)


def _with_surroundings(chapters: dict[int, Heading], found: dict[int, Heading], blocks: list[Block]) -> list[Mark]:
    """Marks for the chapters and for the parts and the matter around them."""
    first, last = min(chapters), max(chapters)
    chapter_units = {heading.unit for heading in chapters.values()}
    last_part = {(heading.unit, heading.number): index for index, heading in found.items() if heading.family == "part"}
    gap = min((blocks[index].gap for index in chapters if index), default=2)
    marks: list[Mark] = []
    for index, heading in found.items():
        if index in chapters:
            marks.append(Mark(index, "chapter", heading))
        elif heading.family == "part":
            if index > first or last_part[heading.unit, heading.number] == index:
                marks.append(Mark(index, "part", heading))
        elif heading.family == "matter" and _divides(
            heading, index, blocks, gap if index < first or index > last else 2
        ):
            role = matter_role(heading, index, first, last)
            if role != "chapter" or heading.unit in BETWEEN_CHAPTERS:
                marks.append(Mark(index, role, heading))
        elif heading.family == "unit" and heading.unit not in chapter_units and not first < index < last:
            marks.append(
                Mark(index, "front" if index < first else "chapter", replace(heading, family="matter", number=None))
            )
    return marks


def _divides(heading: Heading, index: int, blocks: list[Block], gap: int) -> bool:
    """Whether a word such as "Notes" stands like a heading: set off as far, in capitals, or unmistakable."""
    return heading.unit in BETWEEN_CHAPTERS or blocks[index].gap >= gap or index == 0 or heading.text.isupper()


def _with_titles(marks: list[Mark], blocks: list[Block]) -> list[Mark]:
    """Marks that take the title from the next block where it stands there."""
    ends = [after.block for _, after in pairwise(marks)] + [len(blocks)]
    return [_titled(mark, blocks, end) for mark, end in zip(marks, ends, strict=True)]


def _titled(mark: Mark, blocks: list[Block], end: int) -> Mark:
    following = mark.block + 1
    heading = mark.heading
    if heading.title or heading.rest or heading.family == "matter" or following + (mark.role != "part") >= end:
        return mark
    lines = blocks[following].lines
    title = " ".join(line.strip() for line in lines).strip("_*")
    in_capitals = title.isupper() and is_title(title.rstrip("."))
    if len(lines) > 2 or not (is_title(title) or in_capitals) or blocks[following].is_separator:
        return mark
    return replace(mark, heading=replace(heading, title=title, text=f"{heading.text} {title}"), consumed=2)
