"""A book as plain text or Markdown, written so that reading it again gives the same chapters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from saga_agent.formats.blocks import clean, is_separator_line, split_blocks
from saga_agent.formats.body import set_body
from saga_agent.formats.book import ChapterKind
from saga_agent.formats.emphasis import without_escapes

TextKind = Literal["txt", "markdown"]


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter, or other matter, that is to be written."""

    number: int | None
    """None for front and back matter."""
    title: str
    text: str
    """As documents are stored: one line a paragraph, one blank line between."""

    @property
    def heading(self) -> str:
        """The heading by which a reader of manuscripts finds the chapter again."""
        if self.number is None:
            return self.title or "Front matter"
        return f"Chapter {self.number}: {self.title}" if self.title else f"Chapter {self.number}"


def explicit_section(section: Section) -> tuple[ChapterKind, int | None]:
    """What the section is and its number, as the heading of a file of ours says it."""
    return ("front" if section.number is None else "chapter"), section.number


def split_label(section: Section) -> tuple[str, str]:
    """The heading in two: what is said before the title, such as `Chapter 3: `, and the title as it stands."""
    title = section.title
    heading = section.heading
    return (heading[: len(heading) - len(title)], title) if heading.endswith(title) else (heading, "")


def is_literal(text: str) -> bool:
    """Whether a line of the paragraph would look like a scene break where it is written without its escapes."""
    lines = (line.strip() for line in text.split("\n") if "\\" in line)
    return any(is_separator_line(without_escapes(line)) and not is_separator_line(line) for line in lines)


def write_text(title: str, sections: Sequence[Section], *, kind: TextKind) -> str:
    """The book as one text, its title first."""
    if kind == "markdown":
        pieces = [f"# {title}", *(f"## {each.heading}\n\n{_body(each.text, kind)}".rstrip() for each in sections)]
        return "\n\n".join(pieces) + "\n"
    pieces = [title, *(f"{each.heading}\n\n\n{_body(each.text, kind)}".rstrip() for each in sections)]
    return "\n\n\n\n".join(pieces) + "\n"


def _body(text: str, kind: TextKind) -> str:
    return "\n\n".join(_paragraph(each, kind) if "\n" in each.strip("\n") else each for each in text.split("\n\n"))


def _paragraph(text: str, kind: TextKind) -> str:
    """A paragraph with line breaks of its own; forced where the reader would take them for wrapped lines."""
    forced = "  \n".join(text.split("\n"))
    for written in (text, forced):
        if set_body(split_blocks(clean(written), markdown=kind == "markdown")).text == text.strip("\n"):
            return written
    return text
