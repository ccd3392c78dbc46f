"""The body of a chapter as it is stored: paragraphs on one line each, verse and lists as they stand, and its scenes."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from itertools import pairwise

from saga_agent.formats.blocks import LONG_LINE, SOFT_HYPHEN, Block, ends_sentence, is_list_item, is_markdown_heading
from saga_agent.formats.numerals import ROMAN, number_of

_VERSE_WIDTH = 50
_VERSE_WIDTH_CAPITALS = 72
_BARE_NUMBER = re.compile(rf"(?:[0-9]{{1,3}}|{ROMAN.upper()})\.?")
_MARKS_BEFORE_A_WORD = "\"'“‘«([_*—–-"


@dataclass(frozen=True, slots=True)
class SceneSpan:
    """A scene: half-open code-point offsets into its chapter's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Body:
    """A stored text and its scenes; separators lie between scenes, and every word lies in one."""

    text: str
    scenes: tuple[SceneSpan, ...]


def set_body(blocks: list[Block]) -> Body:
    """The stored form of the blocks; setting its own output again changes nothing.

    A break by blank lines is kept as two blank lines, any other as its separator; separators at either end go.
    """
    gaps_count = _gaps_are_breaks(blocks)
    composer = _Composer()
    subheadings = _subheadings(blocks)
    before: Block | None = None
    for index, block in enumerate(blocks):
        if block.is_separator:
            composer.separate(" ".join(block.lines[0].split()))
        else:
            after_heading = index - 1 in subheadings
            if not after_heading and index in subheadings:
                composer.begin_scene()
            if gaps_count and block.gap > 1 and not after_heading and before is not None and not before.is_separator:
                composer.leave_gap()
            for paragraph in paragraphs_of(block):
                composer.add(paragraph)
        before = block
    return composer.body()


def paragraphs_of(block: Block) -> list[str]:
    """The paragraphs of one block; line breaks stay in verse, lists, quotations and tables."""
    if block.is_fenced or block.is_definitions:
        return ["\n".join(block.lines)]
    lines = _uncut(block.lines)
    if len(lines) == 1:
        return [lines[0].strip()]
    if block.is_list:
        items = _list_items(lines)
        return ["\n".join(items)] if len(items) > 1 else [items[0].strip()]
    if block.is_quoted:
        return ["\n".join(lines)]
    if block.is_indented:
        return [line.strip() for line in lines] if max(map(len, lines)) > LONG_LINE else ["\n".join(lines)]
    if _is_verse(lines):
        return ["\n".join(lines)]
    return _prose(lines)


def _uncut(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines with words whole that a soft hyphen cut at the end of one."""
    if not any(line.endswith(SOFT_HYPHEN) for line in lines):
        return lines
    whole = [""]
    for line in lines:
        if whole[-1].endswith(SOFT_HYPHEN):
            whole[-1] = whole[-1].rstrip(SOFT_HYPHEN) + line.lstrip()
        else:
            whole.append(line)
    return tuple(line.rstrip(SOFT_HYPHEN) for line in whole[1:]) if len(whole) > 1 else lines


def _gaps_are_breaks(blocks: list[Block]) -> bool:
    """Whether paragraphs are mostly one blank line apart, so that more of them mean something."""
    gaps = [b.gap for a, b in pairwise(blocks) if not a.is_separator and not b.is_separator]
    wide = sum(gap > 1 for gap in gaps)
    return 0 < wide <= len(gaps) - wide


def _subheadings(blocks: list[Block]) -> set[int]:
    """The indexes of headings inside the chapter: of Markdown, and numbers that count up between sentences."""
    singles = {index: block.lines[0].strip() for index, block in enumerate(blocks) if len(block.lines) == 1}
    headings = {index for index, line in singles.items() if is_markdown_heading(line)}
    numbers = {
        index: number_of(line.rstrip(".")) or 0 for index, line in singles.items() if _BARE_NUMBER.fullmatch(line)
    }
    between_sentences = all(index == 0 or ends_sentence(blocks[index - 1]) for index in numbers)
    if between_sentences and list(numbers.values()) == list(range(1, len(numbers) + 1)):
        headings |= numbers.keys()
    return headings


def _list_items(lines: tuple[str, ...]) -> list[str]:
    items: list[list[str]] = []
    for line in lines:
        if is_list_item(line):
            items.append([line])
        else:
            items[-1].append(line)
    return [_joined(item) for item in items]


def _is_verse(lines: tuple[str, ...]) -> bool:
    """Whether lines were broken on purpose: the next word would have fitted."""
    stripped = [line.strip() for line in lines]
    filled = [len(a) + 1 + len(b.split(maxsplit=1)[0]) for a, b in pairwise(stripped)]
    if max(filled) <= _VERSE_WIDTH:
        return True
    width = max(map(len, stripped))
    if len(lines) < 4 or width > _VERSE_WIDTH_CAPITALS:
        return False
    capitals = all(line.lstrip(_MARKS_BEFORE_A_WORD)[:1].isupper() for line in stripped)
    return capitals and 2 * sum(length <= width for length in filled) >= len(filled)


def _prose(lines: tuple[str, ...]) -> list[str]:
    """Paragraphs of hard-wrapped prose; an indented line begins one."""
    paragraphs: list[list[str]] = []
    for line in lines:
        if not paragraphs or line.startswith(" "):
            paragraphs.append([])
        paragraphs[-1].append(line.lstrip())
    return [_joined(paragraph).strip() for paragraph in paragraphs]


def _joined(lines: list[str]) -> str:
    text = [lines[0]]
    for before, after in pairwise(lines):
        text += _glue(before, after.lstrip()), after.lstrip()
    return "".join(text)


def _glue(before: str, after: str) -> str:
    """What stands between two wrapped lines: a blank, but nothing after a dash or between ideographs."""
    if before.endswith("  "):
        return "\n"
    if before[-1] in "-—" and before[-2:-1].strip() and after[0].isalnum():
        return ""
    wide = unicodedata.east_asian_width(before[-1]) == "W" and unicodedata.east_asian_width(after[0]) == "W"
    return "" if wide else " "


@dataclass(slots=True)
class _Composer:
    """Puts paragraphs one after the other and notes where scenes begin and end."""

    _pieces: list[str] = field(default_factory=list[str])
    _length: int = 0
    _scenes: list[SceneSpan] = field(default_factory=list[SceneSpan])
    _start: int = 0
    _end: int = 0
    _separator: str = ""
    _gap: bool = False
    _fresh: bool = False

    def separate(self, separator: str) -> None:
        self._separator = self._separator or separator

    def leave_gap(self) -> None:
        self._gap = True

    def begin_scene(self) -> None:
        self._fresh = True

    def add(self, paragraph: str) -> None:
        if self._pieces:
            glue = f"\n\n{self._separator}\n\n" if self._separator else "\n\n\n" if self._gap else "\n\n"
            self._append(glue)
            if self._separator or self._gap or self._fresh:
                self._scenes.append(SceneSpan(self._start, self._end))
                self._start = self._length
        self._append(paragraph)
        self._end = self._length
        self._separator, self._gap, self._fresh = "", False, False

    def body(self) -> Body:
        if self._pieces:
            self._scenes.append(SceneSpan(self._start, self._end))
        return Body("".join(self._pieces), tuple(self._scenes))

    def _append(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)
