"""Rich text: paragraphs, headings and emphasis of a document, written down as the Markdown our parser reads."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby

SCENE_BREAK = "* * *"
_FORCED_BREAK = "  \n"
_SPACES = " \t\n\f\u00a0"


@dataclass(frozen=True, slots=True)
class RichText:
    """What a document holds: its text as Markdown, and what is known about it beside the text."""

    text: str
    """Lines are counted here, not in the document, which has none."""
    title: str = ""
    preamble: str = ""
    """What the document sets as a title page."""
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class RichWriter:
    """Takes the pieces of a document in order."""

    _lines: list[str] = field(default_factory=list[str])
    _spans: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    left_out: Counter[str] = field(default_factory=Counter[str])
    """Pieces that have no place in a manuscript, counted by their plural name."""

    def add(self, text: str, *, italic: bool = False, bold: bool = False) -> None:
        """Adds text to the paragraph."""
        if text:
            self._spans.append((text, ("**" if bold else "") + ("_" if italic else "")))

    def break_line(self) -> None:
        """Begins a new line in the same paragraph."""
        self._spans.append((_FORCED_BREAK, ""))

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

    def end_heading(self, level: int) -> None:
        """Ends the paragraph as a heading of that level; emphasis in it goes."""
        text = self.take_plain()
        if text:
            self._lines += [f"{'#' * min(max(level, 1), 6)} {text}", ""]

    def take_plain(self) -> str:
        """The paragraph on one line and without marks, taken out of the text."""
        text = " ".join("".join(text for text, _ in self._spans).split())
        self._spans.clear()
        return text

    def rule(self) -> None:
        """Sets a scene break."""
        self._lines += [SCENE_BREAK, ""]

    def finish(self, *, title: str = "", preamble: str = "", warnings: tuple[str, ...] = ()) -> RichText:
        """What was taken so far."""
        self.end_block()
        told = ", ".join(f"{count} {name}" for name, count in self.left_out.items())
        left_out = (f"Left out of the text: {told}.",) if told else ()
        return RichText("\n".join(self._lines), title, preamble, (*warnings, *left_out))

    def _paragraph(self) -> str:
        marked = [
            _marked("".join(text for text, _ in group), marks)
            for marks, group in groupby(self._spans, key=lambda span: span[1])
        ]
        self._spans.clear()
        lines = [line.strip(_SPACES) for line in "".join(marked).split("\n")]
        return _FORCED_BREAK.join(line for line in lines if line)


def _marked(text: str, marks: str) -> str:
    """The text between marks, its outer blanks outside of them."""
    core = text.strip(_SPACES)
    if not core or not marks:
        return text
    start = text.index(core)
    return f"{text[:start]}{marks}{core}{marks[::-1]}{text[start + len(core) :]}"
