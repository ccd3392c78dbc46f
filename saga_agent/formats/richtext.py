"""Rich text: paragraphs, headings and emphasis of a document, written down as the Markdown our parser reads.

A reader of Word or EPUB gives every word of its source to the writer once: to the text (`add`, and the `end_` that
closes the paragraph) or to an aside (`set_aside`). What it says beyond the source, it also tells (`tell_added`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

from saga_agent.formats.blocks import is_fence, is_markdown_heading, is_separator_line
from saga_agent.formats.book import Aside, AsideReason, ChapterKind
from saga_agent.formats.emphasis import Run, escape_marks, runs_of
from saga_agent.formats.explicit import explicit_heading, heading_line

SCENE_BREAK = "* * *"
_FORCED_BREAK = "  \n"
_SPACES = " \t\n\f\u00a0"


@dataclass(frozen=True, slots=True)
class RichText:
    """What a document holds: its text as Markdown, and what is known about it beside the text."""

    text: str
    """Lines are counted here, not in the document, which has none."""
    title: str = ""
    asides: tuple[Aside, ...] = ()
    """What is in the document and not in the text."""
    added: tuple[str, ...] = ()
    """What is in the text and not in the document's."""
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class RichWriter:
    """Takes the pieces of a document in order."""

    _lines: list[str] = field(default_factory=list[str])
    _spans: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    left_out: Counter[str] = field(default_factory=Counter[str])
    """Pieces that have no place in a manuscript and no words, such as pictures, counted by their plural name."""
    asides: list[Aside] = field(default_factory=list[Aside])
    """What was set aside so far."""
    _added: list[str] = field(default_factory=list[str])

    def add(self, text: str, *, italic: bool = False, bold: bool = False) -> None:
        """Adds text to the paragraph; what looks like a mark in it is meant as it stands."""
        if text:
            self._spans.append((text, ("**" if bold else "") + ("_" if italic else "")))

    def set_aside(self, reason: AsideReason, text: str, *, place: str = "") -> None:
        """Keeps words of the source out of the text, and tells them; nothing else may drop a word.

        Args:
            reason: Why.
            text: All of it, one paragraph a line with a blank line between, without marks of its own.
            place: Where it stands, for people, such as `footnote 3` or `page 2 (intro.xhtml)`.
        """
        if text.strip():
            self.asides.append(Aside(reason, text.strip(), place or reason, line=len(self._lines) + 1))

    def tell_added(self, text: str) -> None:
        """Tells what was added to the text though the source has no text node for it: a number of a list, an `alt`."""
        if text.strip():
            self._added.append(text.strip())

    def break_line(self) -> None:
        """Begins a new line in the same paragraph."""
        self._spans.append(("\n", ""))

    def end_paragraph(self) -> None:
        """Ends the paragraph; an empty one stays as a wider gap, which may be a scene break."""
        text = self._paragraph()
        self._lines += [text, ""] if text else [""]

    def end_item(self) -> None:
        """Ends the paragraph as an item of a list."""
        if text := self._paragraph():
            self._lines += [f"- {text}", ""]

    def end_block(self) -> None:
        """Ends the paragraph if it has text."""
        if any(text.strip(_SPACES) for text, _ in self._spans):
            self.end_paragraph()
        self._spans.clear()

    def end_heading(self, level: int, *, kind: ChapterKind | None = None, number: int | None = None) -> None:
        """Ends the paragraph as a heading of that level; emphasis in it goes, and one without text is none.

        Args:
            level: 1 to 6.
            kind: What the heading begins where the source says so beyond doubt; the text is then the title as it is,
                and may be empty. A text that has such headings is divided by them alone.
            number: The number of such a chapter or part.
        """
        text = self.take_plain()
        if kind is not None:
            self._lines += [explicit_heading(level, text, kind=kind, number=number), ""]
        elif text:
            self._lines += [heading_line(level, text), ""]

    def take_plain(self) -> str:
        """The paragraph on one line and without marks, taken out of the text."""
        text = " ".join("".join(text for text, _ in self._spans).split())
        self._spans.clear()
        return text

    def rule(self) -> None:
        """Sets a scene break."""
        self._lines += [SCENE_BREAK, ""]

    def finish(self, *, title: str = "", warnings: tuple[str, ...] = ()) -> RichText:
        """What was taken so far."""
        self.end_block()
        told = ", ".join(f"{count} {name}" for name, count in self.left_out.items())
        left_out = (f"Left out of the text: {told}.",) if told else ()
        return RichText("\n".join(self._lines), title, tuple(self.asides), tuple(self._added), (*warnings, *left_out))

    def _paragraph(self) -> str:
        spans = [("".join(text for text, _ in group), marks) for marks, group in groupby(self._spans, lambda s: s[1])]
        self._spans.clear()
        lines = [_line(line) for line in _lines_of(spans)]
        return _FORCED_BREAK.join(line for line in lines if line)


def _lines_of(spans: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """The spans of each line: marks do not go over lines."""
    lines: list[list[tuple[str, str]]] = [[]]
    for text, marks in spans:
        first, *others = text.split("\n")
        lines[-1].append((first, marks))
        lines += [[(other, marks)] for other in others]
    return lines


def _line(spans: list[tuple[str, str]]) -> str:
    """A line with its marks; what looks like one in the text is escaped where it would be read as such."""
    plain = _marked_line(spans, escaped=False)
    if is_separator_line(plain) or _as_set(runs_of(plain)) == _as_set(Run(t, "_" in m, "**" in m) for t, m in spans):
        return _literal_line(plain)
    return _literal_line(_marked_line(spans, escaped=True))


def _marked_line(spans: list[tuple[str, str]], *, escaped: bool) -> str:
    return "".join(_marked(text, marks, escaped=escaped) for text, marks in spans).strip(_SPACES)


def _marked(text: str, marks: str, *, escaped: bool) -> str:
    """The text between marks, its outer blanks outside of them."""
    core = text.strip(_SPACES)
    if not core:
        return text
    start = text.index(core)
    inner = escape_marks(core) if escaped else core
    return f"{text[:start]}{marks}{inner}{marks[::-1]}{text[start + len(core) :]}"


def _as_set(runs: Iterable[Run]) -> list[tuple[str, bool, bool]]:
    """Every character that is seen, with how it is set."""
    return [(char, run.italic, run.bold) for run in runs for char in run.text if char not in _SPACES]


def _literal_line(line: str) -> str:
    """The line so that it is read as a paragraph; a row of ornaments stays the scene break that people type."""
    return f"\\{line}" if is_markdown_heading(line) or is_fence(line) else line
