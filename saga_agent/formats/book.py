"""A manuscript as a book: its chapters, parts, front and back matter."""

from __future__ import annotations

from dataclasses import dataclass

from saga_agent.formats.body import Scene


@dataclass(frozen=True, slots=True)
class Chapter:
    """One unit of reading, stored as one document."""

    number: int | None
    """As the heading counts it, else its place; None for front and back matter and for interludes."""
    title: str
    """Empty when the chapter has only a number."""
    text: str
    """Without the heading: one line a paragraph, one blank line between; verse and lists keep their lines."""
    start_line: int
    """The line of the source, from 1, on which the heading or else the text begins."""
    scenes: tuple[Scene, ...]
    heading: str = ""
    """The heading as written, on one line."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the book and the chapters in it: `chapters[first_chapter:end_chapter]`."""

    number: int | None
    title: str
    heading: str
    text: str
    """What stands between the part's heading and its first chapter, such as a motto."""
    start_line: int
    first_chapter: int
    end_chapter: int


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A text as a book: chapters, what stands before and after them, and what the reader should know."""

    title: str
    chapters: tuple[Chapter, ...]
    front: tuple[Chapter, ...] = ()
    """Prefaces, prologues, and a beginning without heading when it is real prose."""
    back: tuple[Chapter, ...] = ()
    parts: tuple[Part, ...] = ()
    preamble: str = ""
    """What stands before and is no document: title page, table of contents, licence."""
    postamble: str = ""
    """A licence after the book."""
    warnings: tuple[str, ...] = ()

    @property
    def documents(self) -> tuple[Chapter, ...]:
        """All that is to be stored, in the order of reading."""
        return (*self.front, *self.chapters, *self.back)
