"""A manuscript as a book: its documents in the order of reading, its parts, and what was set aside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from saga_agent.domain.words import count_words
from saga_agent.formats.body import SceneSpan

ChapterKind = Literal["front", "chapter", "back", "part"]
"""`part`: the text that stands under the heading of a part, an act or a book, before its first chapter."""

AsideReason = Literal[
    "title",  # the name of the book, which every import tells apart
    "title page",  # names, dates, mottos before the text
    "contents",  # a table of contents, a navigation page
    "part headings",  # headings of parts that have no text of their own
    "boilerplate",  # licences and the like around the book
    "properties",  # front matter in YAML
    "attributes",  # `{#id .class}` after a heading, and other marks that are no prose
    "comments",  # of the writer or of others, never shown to models
    "notes",  # footnotes and endnotes, with the marks that call them
    "hidden",  # text set as hidden
    "deleted",  # tracked changes: deletions taken as made, insertions as never made
    "page marks",  # numbers of printed pages
    "headers and footers",
    "alternatives",  # the same said twice for older readers: ruby, fallbacks, descriptions
    "embedded",  # text in pictures, drawings, formulas and attached documents
    "unread pages",  # pages that are in the file, but not in its order of reading
]
ASIDE_REASONS: tuple[AsideReason, ...] = get_args(AsideReason)

_FIRST_WORDS = 60


@dataclass(frozen=True, slots=True)
class Aside:
    """Words of the source that become no document, told so that nothing leaves in silence.

    Whatever a reader does not put into a chapter it gives here, word by word: the law counts it. A reader makes one
    aside for each thing, or one for all of a kind in one place.
    """

    reason: AsideReason
    text: str
    """As it would be stored, so that it can be brought in: one line a paragraph, one blank line between."""
    place: str
    """Where it stands, for people: `line 12`, `footnotes`, `page 3 (intro.xhtml)`."""
    line: int = 0
    """The line of the text before which it would be brought in, from 1; 0 for what belongs after the book."""

    @property
    def words(self) -> int:
        """How many words it has."""
        return count_words(self.text)

    @property
    def first_words(self) -> str:
        """How it begins, on one line of at most 60 characters."""
        line = " ".join(self.text.split())
        return line if len(line) <= _FIRST_WORDS else f"{line[: _FIRST_WORDS - 1].rstrip()}…"


@dataclass(frozen=True, slots=True)
class Chapter:
    """One unit of reading, stored as one document."""

    number: int | None
    """As the heading counts it, else its place; None for front and back matter and for interludes."""
    title: str
    """Empty when the chapter has only a number."""
    text: str
    """Without the heading: one line a paragraph, one blank line between; verse and lists keep their lines.

    `_italic_`, `**bold**`; a backslash before a mark says that it is meant as it stands (see `emphasis`)."""
    start_line: int
    """The line of the source, from 1, on which the heading or else the text begins."""
    scenes: tuple[SceneSpan, ...]
    heading: str = ""
    """The heading as written, on one line."""
    kind: ChapterKind = "chapter"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the book and the chapters in it: `chapters[first_chapter:end_chapter]`."""

    number: int | None
    title: str
    heading: str
    start_line: int
    first_chapter: int
    end_chapter: int


@dataclass(frozen=True, slots=True)
class Division:
    """How a text is divided into documents."""

    chosen: str
    """`heading:2` for headings of that level, `words` for lines such as "Chapter 3", `numbers`, `table of contents`,
    `bold or centred lines`, `lines in capitals`, `counted lines`, `lines after a gap`, `attributes` for headings that
    say it, or `file` for the whole as one document."""
    documents: int
    alternatives: tuple[tuple[str, int], ...] = ()
    """What `split` could be instead, each with about the number of documents it would make."""


_WHOLE = Division("file", 1)


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A text as a book: its documents, and what the reader should know."""

    title: str
    documents: tuple[Chapter, ...]
    """All that is to be stored, in the order of reading."""
    parts: tuple[Part, ...] = ()
    asides: tuple[Aside, ...] = ()
    """What is in the source and in no document."""
    added: tuple[str, ...] = ()
    """Headings in the documents that are not in the text of the source, such as numbers of a list."""
    warnings: tuple[str, ...] = ()
    division: Division = _WHOLE
    """By what it was divided, and what else could be."""
    encoding: str | None = None
    """How the text file is encoded; None for Word and EPUB."""

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """The chapters, and interludes between them."""
        return self._of("chapter")

    @property
    def front(self) -> tuple[Chapter, ...]:
        """Prefaces, prologues, and a beginning without heading when it is more than a title page."""
        return self._of("front")

    @property
    def back(self) -> tuple[Chapter, ...]:
        """What stands after the last chapter."""
        return self._of("back")

    def part_of(self, document: Chapter) -> str:
        """The heading of the part in which a document stands; empty for front matter and in a book without parts."""
        before = [part.heading for part in self.parts if part.start_line <= document.start_line]
        return before[-1] if before and document.kind in ("chapter", "part") else ""

    def _of(self, kind: ChapterKind) -> tuple[Chapter, ...]:
        return tuple(document for document in self.documents if document.kind == kind)
