"""Sections: the blocks between two marks, made into chapters, parts, front and back matter."""

from __future__ import annotations

import re
from dataclasses import replace

from saga_agent.formats.blocks import Block
from saga_agent.formats.body import set_body
from saga_agent.formats.book import Chapter, Part
from saga_agent.formats.headings import Heading
from saga_agent.formats.outline import Mark

_PROSE_WORDS = 25
_SENTENCE_END = re.compile(r"[.!?…。！？]")
_MAX_TITLE = 80


class Sections:
    """Reads marked blocks once and holds what they make; nothing of the text is left out."""

    def __init__(self, blocks: list[Block], marks: list[Mark]) -> None:
        self.title = ""
        self.front: list[Chapter] = []
        self.chapters: list[Chapter] = []
        self.back: list[Chapter] = []
        self.parts: list[Part] = []
        self.preamble: list[str] = []
        self.warnings: list[str] = []
        if marks:
            self._read(blocks, marks)
        else:
            self._read_unmarked(blocks)

    def _read_unmarked(self, blocks: list[Block]) -> None:
        body = set_body(blocks)
        if body.text:
            self.chapters.append(Chapter(1, "", body.text, blocks[0].line, body.scenes))
            self.warnings.append("No chapter headings were found; the whole text is one chapter.")
        else:
            self.warnings.append("The text is empty.")

    def _read(self, blocks: list[Block], marks: list[Mark]) -> None:
        beginning = blocks[: marks[0].block]
        if beginning:
            self.title = _title_of(beginning[0])
            self._add_beginning(beginning)
        ends = [mark.block for mark in marks[1:]] + [len(blocks)]
        for mark, end in zip(marks, ends, strict=True):
            self._add(mark, blocks[mark.block], blocks[mark.block + mark.consumed : end])
        if not self.title and len(marks) == 1 and marks[0].heading.level == 1:
            self.title = marks[0].heading.text
        self._warn()

    def _add(self, mark: Mark, first: Block, blocks: list[Block]) -> None:
        heading = mark.heading
        if heading.rest:
            blocks = [Block(heading.rest, first.line + len(first.lines) - len(heading.rest), 0), *blocks]
        if mark.role == "title":
            self.title = heading.text
            self.preamble.append(heading.text)
            self._add_beginning(blocks)
        elif mark.role == "contents":
            self._set_aside(heading, blocks)
        elif mark.role == "part":
            self._add_part(heading, first.line, blocks)
        elif mark.role == "chapter":
            self._add_chapter(heading, first.line, blocks)
        else:
            matter = self.front if mark.role == "front" else self.back
            matter.append(_chapter(None, heading.text, heading, first.line, blocks))

    def _add_beginning(self, blocks: list[Block]) -> None:
        """Keeps text without a heading of its own: prose as a document, a title page aside."""
        body = set_body(blocks)
        if any(len(p.split()) >= _PROSE_WORDS and _SENTENCE_END.search(p) for p in body.text.split("\n\n")):
            self.front.append(Chapter(None, "Front matter", body.text, blocks[0].line, body.scenes))
        elif body.text:
            self.preamble.append(body.text)

    def _set_aside(self, heading: Heading, blocks: list[Block]) -> None:
        self.preamble += [piece for piece in (heading.text, set_body(blocks).text) if piece]

    def _add_chapter(self, heading: Heading, line: int, blocks: list[Block]) -> None:
        number, title = heading.number, heading.title
        if heading.family == "plain":
            number = len(self.chapters) + 1
        elif heading.family == "matter":
            title = heading.text
        self.chapters.append(_chapter(number, title, heading, line, blocks))
        if self.parts:
            self.parts[-1] = replace(self.parts[-1], end_chapter=len(self.chapters))

    def _add_part(self, heading: Heading, line: int, blocks: list[Block]) -> None:
        title = heading.title or (heading.text if heading.number is None else "")
        place = len(self.chapters)
        self.parts.append(Part(heading.number, title, heading.text, set_body(blocks).text, line, place, place))

    def _warn(self) -> None:
        empty = [chapter for chapter in self.chapters if not chapter.text]
        self.warnings += [f"{chapter.heading!r} (line {chapter.start_line}) has no text." for chapter in empty]
        words = sum(len(piece.split()) for piece in self.preamble if piece != self.title)
        if words:
            self.warnings.append(f"{words} words of title page or contents are kept aside and become no document.")


def _chapter(number: int | None, title: str, heading: Heading, line: int, blocks: list[Block]) -> Chapter:
    body = set_body(blocks)
    return Chapter(number, title, body.text, line, body.scenes, heading.text)


def _title_of(block: Block) -> str:
    line = block.lines[0].strip()
    return line if len(line) <= _MAX_TITLE and not line.endswith((".", ",", ";", ":")) else ""
