"""Levels: the outline of headings that have one, told by what they contain: parts, chapters, scenes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise

from saga_agent.domain.words import count_words
from saga_agent.formats.blocks import Block
from saga_agent.formats.headings import Heading
from saga_agent.formats.marks import Mark, Role, matter_role

_TITLE_PAGE_WORDS = 25
_OWN_SHARE = 4
"""One word in so many right under the headings of a level makes them chapters rather than parts."""
_FEW_PLAIN = 3
_SCENES = ("scene", "scène", "szene", "escena", "cena", "scena", "scéna", "сцена", "kohtaus", "場面")


@dataclass(frozen=True, slots=True)
class _Branch:
    """A heading with what is under it."""

    block: int
    heading: Heading
    own: int
    """Words right under it, before the next heading of any level."""
    words: int
    """All its words, with those of the headings below it."""
    deeper: frozenset[int]
    """The blocks of the headings below it."""


def marks_by_level(found: dict[int, Heading], blocks: list[Block], *, level: int | None = None) -> list[Mark]:
    """Marks from headings with levels: one level holds the chapters, above it are parts, or the title.

    Args:
        found: The headings by the index of their block.
        blocks: All the text.
        level: That of the chapters; chosen by what the levels contain when None.
    """
    branches = _branches(found, blocks)
    counted_level = _counted_level(branches)
    chosen = level or counted_level or _dividing_level(branches)
    counted = any(each.heading.family == "unit" for each in branches if each.heading.level == chosen)
    chapters = [each for each in branches if each.heading.level == chosen and _is_chapter(each.heading, counted)]
    first, last = (chapters[0].block, chapters[-1].block) if chapters else (len(blocks), -1)
    marks: list[Mark] = []
    for branch in branches:
        if branch.heading.level <= chosen:
            role = _role(branch, branches, blocks, chosen, counted, first, last)
            plain = branch.heading.family == "plain" and (role in ("front", "back") or (counted and role == "chapter"))
            marks.append(
                Mark(branch.block, role, replace(branch.heading, family="matter") if plain else branch.heading)
            )
    return marks


def levels_of(found: dict[int, Heading]) -> list[int]:
    """The levels that could hold the chapters, from the top."""
    return sorted({heading.level for heading in found.values() if heading.level})


def _role(
    branch: _Branch, branches: list[_Branch], blocks: list[Block], chosen: int, counted: bool, first: int, last: int
) -> Role:
    heading = branch.heading
    if heading.family == "matter":
        return matter_role(heading, branch.block, first, last)
    begins = branch is branches[0] and _words(blocks[: branch.block]) < _TITLE_PAGE_WORDS
    if heading.level < chosen:
        if heading.family == "part":
            return "part"
        if not any(each.block in branch.deeper for each in branches if each.heading.level <= chosen):
            return "title" if begins and branch.words < _TITLE_PAGE_WORDS else "chapter"
        alike = [each for each in branches if each.heading.level == heading.level and each.deeper]
        return "title" if begins and all(e is branch or e.heading.family == "matter" for e in alike) else "part"
    if not counted or heading.family == "unit":
        return "chapter"
    if heading.family == "part":
        return "part"
    if heading.family == "plain" and begins and branch.words < _TITLE_PAGE_WORDS:
        return "title"
    return "front" if branch.block < first else "back" if branch.block > last else "chapter"


def _branches(found: dict[int, Heading], blocks: list[Block]) -> list[_Branch]:
    indexes = sorted(found)
    own = [_words(blocks[a + 1 : b]) for a, b in zip(indexes, [*indexes[1:], len(blocks)], strict=True)]
    words, deeper = list(own), [list[int]() for _ in indexes]
    open_above: list[int] = []
    for place, index in enumerate(indexes):
        while open_above and found[indexes[open_above[-1]]].level >= found[index].level:
            open_above.pop()
        for above in open_above:
            words[above] += own[place]
            deeper[above].append(index)
        open_above.append(place)
    return [
        _Branch(index, found[index], own[place], words[place], frozenset(deeper[place]))
        for place, index in enumerate(indexes)
    ]


def _counted_level(branches: list[_Branch]) -> int | None:
    """The level on which chapters are counted ("Chapter 3"), if they are."""
    units = Counter(each.heading.level for each in branches if each.heading.family == "unit")
    if not units:
        return None
    level, count = units.most_common(1)[0]
    plain = sum(each.heading.family == "plain" for each in branches)
    return level if count > 1 or plain <= _FEW_PLAIN else None


def _dividing_level(branches: list[_Branch]) -> int:
    """The first level whose headings hold much of the text themselves, or have nothing but scenes below."""
    levels = sorted({each.heading.level for each in branches})
    for level, below in pairwise(levels):
        here = [each for each in branches if each.heading.level == level and each.heading.family != "matter"]
        if not here or (len(here) == 1 and here[0].deeper):
            continue
        if all(each.heading.family == "part" for each in here):
            continue
        if all(_is_scene(each.heading) for each in branches if each.heading.level == below):
            return level
        if _OWN_SHARE * sum(each.own for each in here) >= sum(each.words for each in here):
            return level
    return levels[-1]


def _is_scene(heading: Heading) -> bool:
    return heading.family == "bare" or heading.text.casefold().startswith(_SCENES)


def _is_chapter(heading: Heading, counted: bool) -> bool:
    return heading.family == "unit" if counted else heading.family not in ("matter", "part")


def _words(blocks: list[Block]) -> int:
    return sum(count_words(line) for block in blocks for line in block.lines)
