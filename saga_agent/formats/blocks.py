"""Blocks: the runs of lines between blank lines, with scene separators and Markdown headings set apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

NOTHING = "\x00"
"""A line where something stood that was taken out; no text that is cleaned has it."""
LONG_LINE = 120
"""Longer lines are paragraphs in themselves: nobody wraps text by hand that wide."""

_SEPARATOR = re.compile(r"(?:[\\*#~•·⁂❦❧◇◆○●★☆✦✧§=_–—-]\s*){3,}|#{1,6}|[⁂❦❧◇◆★☆✦✧~*§•]")
_ATX = re.compile(r"#{1,6}\s+\S")
_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*\Z)|~{3,})(?P<info>.*)")
_DEFINITION = re.compile(r"\[[^\]\n]{1,80}\]:\s+\S")
_UNDERLINE = re.compile(r"={2,}|-{3,}")
_LIST_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s+\S")
_SENTENCE_ENDS = (".", ",", ";", ":", "!", "?", "…", '"', "”", "’")
_CLOSING_MARKS = tuple(".!?…\"”’')»*:_—-")
_MAX_UNDERLINED = 80

SOFT_HYPHEN = "\u00ad"
_SOFT_HYPHEN = re.compile(rf"{SOFT_HYPHEN}(?!\n)")
_CHARACTERS: dict[int, str] = {
    **dict.fromkeys((*range(9), *range(14, 32), 127), " "),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),  # lone surrogates cannot be encoded
    **{0x0B: "\n", 0x85: "\n", 0x2028: "\n", 0x2029: "\n\n"},
}


@dataclass(frozen=True, slots=True)
class Block:
    """Lines without a blank one among them: tabs as spaces, indentation kept, no blanks at the end."""

    lines: tuple[str, ...]
    line: int
    """Number of its first line in the source, from 1."""
    gap: int
    """Blank lines before it."""
    is_fenced: bool = False
    """Whether it is code between fences, blank lines included, which stays as it is."""

    @property
    def is_separator(self) -> bool:
        """Whether it is a scene separator such as `* * *` or `#`."""
        return len(self.lines) == 1 and is_separator_line(self.lines[0].strip())

    @property
    def is_list(self) -> bool:
        """Whether its first line is a list item."""
        return is_list_item(self.lines[0])

    @property
    def is_quoted(self) -> bool:
        """Whether it is a Markdown quotation or table."""
        return self.lines[0].lstrip()[0] in ">|"

    @property
    def has_forced_breaks(self) -> bool:
        """Whether a Markdown line ends in the two blanks that break it."""
        return any(line.endswith("  ") for line in self.lines)

    @property
    def is_definitions(self) -> bool:
        """Whether every line defines a Markdown link or note: `[1]: https://...`."""
        return all(_DEFINITION.match(line) for line in self.lines)

    @property
    def is_indented(self) -> bool:
        """Whether every line stands at least two blanks in."""
        return all(line.startswith("  ") for line in self.lines)


def ends_sentence(block: Block) -> bool:
    """Whether the block's last line ends like a sentence, a speech or an interruption."""
    return block.lines[-1].rstrip().endswith(_CLOSING_MARKS)


def is_separator_line(line: str) -> bool:
    """Whether a line without outer blanks is a scene separator."""
    return _SEPARATOR.fullmatch(line) is not None


def is_fence(line: str) -> bool:
    """Whether the line opens or closes a block of code: three backticks or tildes at least."""
    return _FENCE.fullmatch(line) is not None


def is_list_item(line: str) -> bool:
    """Whether the line begins a list item: a bullet or a number, a blank, a word."""
    return _LIST_ITEM.match(line) is not None


def is_markdown_heading(line: str) -> bool:
    """Whether the line is a heading of one to six `#` and text."""
    return _ATX.match(line) is not None


def clean(text: str) -> str:
    """The text composed (NFC), with one kind of line end, and no characters that a database refuses or none can see.

    A soft hyphen stays at the end of a line, where it joins a word that was cut.
    """
    unified = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").translate(_CHARACTERS)
    return unicodedata.normalize("NFC", _SOFT_HYPHEN.sub("", unified))


def without_margin(text: str) -> str:
    """The cleaned text moved left by the blanks that all its lines have in common, separators aside."""
    lines = text.expandtabs(4).split("\n")
    set_in = (line for line in lines if line.strip() and not _SEPARATOR.fullmatch(line.strip()))
    margin = min((len(line) - len(line.lstrip(" ")) for line in set_in), default=0)
    if not margin:
        return text
    return "\n".join(line[margin:] if line[:margin].isspace() else line for line in lines)


def split_blocks(text: str, *, markdown: bool) -> list[Block]:
    """The blocks of a cleaned text, in order; Markdown keeps the two blanks that force a line break."""
    splitter = _Splitter()
    lines = text.split("\n")
    ends = fences(lines)
    fenced_to = 0
    for number, raw in enumerate(lines, 1):
        if number <= fenced_to:
            continue
        if number in ends:
            fenced_to = ends[number]
            splitter.fence([line.rstrip() for line in lines[number - 1 : fenced_to]], number)
            continue
        if raw == NOTHING:
            splitter.nothing()
            continue
        pages = raw.split("\f")
        for index, page in enumerate(pages):
            if index:
                splitter.page_break()
            if page.strip() or len(pages) == 1:
                splitter.feed(_trimmed(page, markdown=markdown), number)
    return _paragraph_lines(splitter.finish())


def fences(lines: Sequence[str]) -> dict[int, int]:
    """The first and the last line, from 1, of each block of code; a fence that nothing closes opens none."""
    ends: dict[int, int] = {}
    opened: tuple[int, str] | None = None
    unclosed: dict[str, int] = {}
    number = 1
    while number <= len(lines):
        match = _FENCE.fullmatch(lines[number - 1])
        if opened is None and match and len(match[1]) < unclosed.get(match[1][0], len(match[1]) + 1):
            opened = number, match[1]
        elif opened and match and not match["info"].strip() and match[1].startswith(opened[1]):
            ends[opened[0]], opened = number, None
        number += 1
        if number > len(lines) and opened:
            unclosed[opened[1][0]] = len(opened[1])
            number, opened = opened[0] + 1, None
    return ends


def _trimmed(line: str, *, markdown: bool) -> str:
    stripped = line.rstrip()
    forced = "  " if markdown and stripped and line.endswith("  ") else ""
    return stripped.expandtabs(4) + forced


class _Splitter:
    """Collects lines into blocks."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._lines: list[str] = []
        self._first = 1
        self._gap = 0
        self._skips = False

    def feed(self, line: str, number: int) -> None:
        bare = line.strip()
        if not bare:
            self._close()
            self._gap += not self._skips or not self._gap
            self._skips = False
        elif self._underlines(bare):
            self._lines = [("# " if bare[0] == "=" else "## ") + self._lines[0].strip()]
            self._close()
        elif _ATX.match(line) or _SEPARATOR.fullmatch(bare):
            self._close()
            self._lines, self._first = [line], number
            self._close()
        else:
            if not self._lines:
                self._first = number
            self._lines.append(line)

    def fence(self, lines: list[str], number: int) -> None:
        """Takes a block of code whole."""
        self._close()
        self._blocks.append(Block(tuple(lines), number, self._gap, is_fenced=True))
        self._gap = 0

    def nothing(self) -> None:
        """A line that was taken out is no blank line either, with the one after it."""
        self._close()
        self._skips = True

    def page_break(self) -> None:
        """A form feed ends a block but is no blank line, so that pages do not look like scenes."""
        self._close()
        self._gap = max(self._gap, 1)

    def finish(self) -> list[Block]:
        self._close()
        return self._blocks

    def _underlines(self, bare: str) -> bool:
        if len(self._lines) != 1 or not _UNDERLINE.fullmatch(bare):
            return False
        above = self._lines[0].strip()
        return len(above) <= _MAX_UNDERLINED and not above.endswith(_SENTENCE_ENDS) and not is_list_item(above)

    def _close(self) -> None:
        if self._lines:
            self._lines[-1] = self._lines[-1].rstrip()
            self._blocks.append(Block(tuple(self._lines), self._first, self._gap))
            self._lines, self._gap = [], 0


def _paragraph_lines(blocks: list[Block]) -> list[Block]:
    """Blocks cut into lines where the text has one paragraph a line, as word processors save it."""
    multiple = (block for block in blocks if len(block.lines) > 1)
    flush = [
        b
        for b in multiple
        if not (b.is_fenced or b.is_list or b.is_quoted or b.is_definitions or b.is_indented or b.has_forced_breaks)
    ]
    total = sum(len(block.lines) for block in flush)
    long = sum(len(line) > LONG_LINE for block in flush for line in block.lines)
    if not long or long * 10 < total:
        return blocks
    cut = {id(block) for block in flush}
    blank_gaps = sum(after.gap > 0 for _, after in pairwise(blocks))
    # Where most paragraphs follow each other without a blank line, a blank line is a scene break.
    extra = 1 if total - len(flush) > 2 * blank_gaps else 0
    result: list[Block] = []
    for block in blocks:
        gap = block.gap + extra if block.gap else 0
        if id(block) not in cut:
            result.append(replace(block, gap=gap))
            continue
        for offset, line in enumerate(block.lines):
            result.append(Block((line.rstrip(),), block.line + offset, 1 if offset else gap))
    return result
