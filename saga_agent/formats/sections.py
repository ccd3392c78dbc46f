"""Sections: the blocks between two marks, made into documents in the order of reading."""

from __future__ import annotations

from dataclasses import replace

from saga_agent.formats.blocks import Block
from saga_agent.formats.body import set_body
from saga_agent.formats.book import Aside, AsideReason, Chapter, ChapterKind, Part
from saga_agent.formats.headings import Heading
from saga_agent.formats.marks import Mark
from saga_agent.formats.title_page import is_title_page, title_line


class Sections:
    """Reads marked blocks once and holds what they make: every word is in a document or in an aside."""

    def __init__(self, blocks: list[Block], marks: list[Mark]) -> None:
        self.title = ""
        self.documents: list[Chapter] = []
        self.parts: list[Part] = []
        self.asides: list[Aside] = []
        self.warnings: list[str] = []
        self._chapters = 0
        self._last_number = 0
        if marks:
            self._read(blocks, marks)
        else:
            self._read_unmarked(blocks)

    def _read_unmarked(self, blocks: list[Block]) -> None:
        body = set_body(blocks)
        if body.text:
            self.documents.append(Chapter(1, "", body.text, blocks[0].line, body.scenes))
            self.warnings.append("No chapter headings were found; the whole text is one chapter.")
        else:
            self.warnings.append("The text is empty.")

    def _read(self, blocks: list[Block], marks: list[Mark]) -> None:
        self._add_beginning(blocks[: marks[0].block])
        ends = [mark.block for mark in marks[1:]] + [len(blocks)]
        for mark, end in zip(marks, ends, strict=True):
            self._add(mark, blocks[mark.block], blocks[mark.block + mark.consumed : end])
        if not self.title and len(marks) == 1 and marks[0].heading.level == 1:
            self.title = marks[0].heading.text
        empty = [one for one in self.documents if one.kind == "chapter" and not one.text]
        self.warnings += [f"{chapter.heading!r} (line {chapter.start_line}) has no text." for chapter in empty]

    def _add(self, mark: Mark, first: Block, blocks: list[Block]) -> None:
        heading = mark.heading
        if heading.attributes:
            self._set_aside("attributes", heading.attributes.text, first.line)
        if heading.rest:
            blocks = [Block(heading.rest, first.line + len(first.lines) - len(heading.rest), 0), *blocks]
        if mark.role == "title":
            self.title = heading.text
            self._set_aside("title", heading.text, first.line)
            self._add_beginning(blocks)
        elif mark.role == "contents":
            self._set_aside("contents", "\n\n".join((heading.text, set_body(blocks).text)), first.line)
        elif mark.role == "part":
            self._add_part(heading, first.line, blocks)
        else:
            self._add_document(mark.role, heading, first.line, blocks)

    def _add_beginning(self, blocks: list[Block]) -> None:
        """Keeps text without a heading of its own: a title and a title page aside, all else as a document."""
        if not blocks:
            return
        if not self.title and (title := title_line(blocks[0])):
            self.title = title
            self._set_aside("title", title, blocks[0].line)
            rest = Block(blocks[0].lines[1:], blocks[0].line + 1, 0)
            blocks = [*([rest] if rest.lines else []), *blocks[1:]]
        body = set_body(blocks)
        if is_title_page(body.text):
            self._set_aside("title page", body.text, blocks[0].line if blocks else 0)
        else:
            self.documents.append(Chapter(None, "Front matter", body.text, blocks[0].line, body.scenes, kind="front"))

    def _set_aside(self, reason: AsideReason, text: str, line: int) -> None:
        if text.strip():
            self.asides.append(Aside(reason, text.strip(), f"line {line}", line))

    def _add_document(self, kind: ChapterKind, heading: Heading, line: int, blocks: list[Block]) -> None:
        number, title = heading.number, heading.title
        if heading.attributes and heading.attributes.kind:
            number = heading.attributes.number
        elif kind != "chapter":
            number, title = None, heading.text
        elif heading.family == "plain":
            number = self._last_number + 1
        elif heading.family == "matter" or number is None:
            title = heading.text
        body = set_body(blocks)
        self.documents.append(Chapter(number, _on_one_line(title), body.text, line, body.scenes, heading.text, kind))
        if kind == "chapter":
            self._chapters += 1
            self._last_number = number if number is not None else self._last_number
            if self.parts:
                self.parts[-1] = replace(self.parts[-1], end_chapter=self._chapters)

    def _add_part(self, heading: Heading, line: int, blocks: list[Block]) -> None:
        explicit = heading.attributes if heading.explicit_kind else None
        number = explicit.number if explicit else heading.number
        title = heading.title or (heading.text if number is None else "")
        self.parts.append(Part(number, title, heading.text, line, self._chapters, self._chapters))
        body = set_body(blocks)
        if body.text or explicit:
            self.documents.append(
                Chapter(number, _on_one_line(title), body.text, line, body.scenes, heading.text, "part")
            )
        else:
            self._set_aside("part headings", heading.text, line)


def _on_one_line(title: str) -> str:
    return " ".join(title.split())
