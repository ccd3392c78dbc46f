"""A book as plain text or Markdown, written so that reading it again gives the same chapters."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from saga_agent.formats.blocks import clean, is_separator_line, split_blocks
from saga_agent.formats.body import set_body
from saga_agent.formats.book import ChapterKind
from saga_agent.formats.emphasis import without_escapes
from saga_agent.formats.explicit import explicit_heading, heading_line

TextKind = Literal["txt", "markdown"]
_COMMENTS = re.compile(r"(?<!\\)(?:<!--|(?<![%\w])%%(?=[^%]))")
_OURS = re.compile(r"^(?=#{1,6}\s.*\{[^{}\n]*\.(?:chapter|front|back|part|title)\b[^{}\n]*\}\s*$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter, or other matter, that is to be written."""

    number: int | None
    """None for front and back matter."""
    title: str
    text: str
    """As documents are stored: one line a paragraph, one blank line between."""
    kind: ChapterKind | None = None
    """A chapter where it has a number, else front matter, when None."""

    @property
    def heading(self) -> str:
        """The heading by which a reader of manuscripts finds the chapter again."""
        if self.number is None:
            return self.title or (
                "Part" if self.kind == "part" else "Back matter" if self.kind == "back" else "Front matter"
            )
        if self.kind == "part":
            return f"Part {self.number}: {self.title}" if self.title else f"Part {self.number}"
        return f"Chapter {self.number}: {self.title}" if self.title else f"Chapter {self.number}"


def explicit_section(section: Section) -> tuple[ChapterKind, int | None]:
    """What the section is and its number, as the heading of a file of ours says it."""
    return section.kind or ("front" if section.number is None else "chapter"), section.number


def split_label(section: Section) -> tuple[str, str]:
    """The heading in two: what is said before the title, such as `Chapter 3: `, and the title as it stands."""
    title = section.title
    heading = section.heading
    return (heading[: len(heading) - len(title)], title) if heading.endswith(title) else (heading, "")


def is_literal(text: str) -> bool:
    """Whether a line of the paragraph would look like a scene break where it is written without its escapes."""
    lines = (line.strip() for line in text.split("\n") if "\\" in line)
    return any(is_separator_line(without_escapes(line)) and not is_separator_line(line) for line in lines)


def write_text(title: str, sections: Sequence[Section], *, kind: TextKind, explicit: bool = False) -> str:
    """The book as one text, its title first.

    Args:
        title: The title of the book.
        sections: In the order of reading.
        kind: Whether it is Markdown. Headings inside of chapters stay below those of the chapters.
        explicit: Whether headings say by attributes what they begin, in both kinds; then any title and any text is read
            back as it is, while the plain form, which reads better, may be taken otherwise.
    """
    if explicit:
        pieces = [f"{heading_line(1, title)} {{.title}}"]
        for each in sections:
            begins, number = explicit_section(each)
            heading = explicit_heading(1, each.title, kind=begins, number=number)
            pieces.append(f"{heading}\n\n{_body(each.text, kind)}".rstrip())
        return "\n\n".join(pieces) + "\n"
    if kind == "markdown":
        level = 1 if any(_holds_heading(each.text, 2) for each in sections) else 2
        head = f"# {title}" if level > 1 else f"---\ntitle: {json.dumps(title, ensure_ascii=False)}\n---"
        marks = "#" * level
        pieces = [head, *(f"{marks} {each.heading}\n\n{_body(each.text, kind)}".rstrip() for each in sections)]
        return "\n\n".join(pieces) + "\n"
    pieces = [title, *(f"{each.heading}\n\n\n{_body(each.text, kind)}".rstrip() for each in sections)]
    return "\n\n\n\n".join(pieces) + "\n"


def _holds_heading(text: str, level: int) -> bool:
    return any(line.startswith("#" * level + " ") for line in text.split("\n"))


def _body(text: str, kind: TextKind) -> str:
    """The text as a file has it; what would be taken for a comment or for a heading of ours is escaped."""
    if kind == "markdown":
        text = _COMMENTS.sub(r"\\\g<0>", text)
    text = _OURS.sub(r"\\\g<0>", text)
    return "\n\n".join(_paragraph(each, kind) if "\n" in each.strip("\n") else each for each in text.split("\n\n"))


def _paragraph(text: str, kind: TextKind) -> str:
    """A paragraph with line breaks of its own; forced where the reader would take them for wrapped lines."""
    forced = "  \n".join(text.split("\n"))
    for written in (text, forced):
        if set_body(split_blocks(clean(written), markdown=kind == "markdown")).text == text.strip("\n"):
            return written
    return text
