"""Titles in a Word document that no heading style marks: of the book, of its chapters, by style or by their look."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable
from typing import NamedTuple

from saga_agent.formats.blocks import Block
from saga_agent.formats.headings import recognise
from saga_agent.formats.markup import Node
from saga_agent.formats.richtext import RichWriter
from saga_agent.formats.word_styles import Styles
from saga_agent.formats.word_xml import child, named, word_name, word_value

_MAX_TITLE_CHARACTERS = 80
_MAX_TITLE_WORDS = 12
_SENTENCE = re.compile(r"""[.,;:…]["”’']?$|^["“”‘«—-]""")
_HAS_WORDS = re.compile(r"[^\W_]")
_ENDS_IN_A_WORD = re.compile(r"\w$")
_CENTRED = ("center", "centre")


class _TitleLine(NamedTuple):
    """A paragraph at the top of the document, as far as it may be a title."""

    node: Node
    place: str
    text: str
    look: Hashable | None
    """How it is set when it is short and set apart, None for all others."""


class Titles:
    """Decides for each paragraph whether it is a title, after a look at all of them."""

    def __init__(self, out: RichWriter, styles: Styles) -> None:
        self._out, self._styles = out, styles
        self._shift = 0
        self._of_book: set[Node] = set()
        self._promoted: set[Node] = set()
        self._count_empty = False
        self._counted = 0
        self._label = ""
        self.title = ""
        self.is_literal = False
        """Whether the paragraph of text that is being read only looks like a scene break."""

    def look_ahead(self, body: Node) -> None:
        """Learns from all paragraphs what styles and looks are used for."""
        lines = [line for node in _paragraphs(body) if (line := self._line(node)) is not None]
        headings = [line for line in lines if line.place == "heading"]
        empty = [line for line in headings if not line.text and self._styles.numbering(line.node) is None]
        self._count_empty = len(empty) > 1 and len(empty) == len(headings)
        said = [line for line in lines if line.text]
        titles = self._learn_titles(said)
        if titles and headings:
            self._shift = 1
        if not titles and not headings and not any(_is_counted(line.text) for line in said):
            self._promoted = _by_look(said)

    def number(self, label: str) -> None:
        """The next heading is numbered so."""
        self._label = label

    def heading(self, level: int) -> None:
        """Ends a paragraph that a style makes a heading."""
        label, self._label = self._label, ""
        text = self._out.pending
        if not text and not label and self._count_empty:
            self._counted += 1
            label = f"Chapter {self._counted}"
        if label:
            self._out.prepend(label if not text else f"{label}: " if _ENDS_IN_A_WORD.search(label) else f"{label} ")
        elif not text:
            return self._out.end_paragraph()
        self._out.end_heading(level + self._shift)

    def titled(self, node: Node, *, subtitle: bool) -> None:
        """Ends a paragraph in the style of a title."""
        if node in self._of_book:
            text = self._out.take_plain()
            self._out.set_aside("title page" if self.title else "title", text)
            self.title = self.title or text
        elif self._out.pending:
            self._out.end_heading(2 if subtitle else 1, below=subtitle and self._out.follows_heading)
        else:
            self._out.end_paragraph()

    def text(self, node: Node) -> None:
        """Ends a paragraph of text, which may look like a title."""
        if node in self._promoted:
            self._out.end_heading(1)
        else:
            self._out.end_paragraph(literal=self.is_literal)
        self.is_literal = False

    def _line(self, node: Node) -> _TitleLine | None:
        place = self._styles.standing(node).place
        text = " ".join("".join(each.text or "" for each in named(node, "t")).split())
        return None if not text and place != "heading" else _TitleLine(node, place, text, self._look(node, place, text))

    def _learn_titles(self, lines: list[_TitleLine]) -> list[_TitleLine]:
        """Learns which titles name the book; the others, which this gives, are headings."""
        first = next((index for index, line in enumerate(lines) if line.place not in ("title", "subtitle")), len(lines))
        later = [line for line in lines[first:] if line.place in ("title", "subtitle")]
        front = lines[:first]
        following = next((line.place for line in lines[first:] if line.place != "text"), "")
        if later and front and following in ("title", "subtitle") and lines[first].place == "text":
            return [*front, *later]  # the first chapter is titled like the later ones
        self._of_book = {line.node for line in front}
        return later

    def _look(self, node: Node, place: str, text: str) -> Hashable | None:
        if place != "text" or len(text) > _MAX_TITLE_CHARACTERS or len(text.split()) > _MAX_TITLE_WORDS:
            return None
        if _SENTENCE.search(text) or not _HAS_WORDS.search(text):
            return None
        runs = [run for run in named(node, "r") if any((each.text or "").strip() for each in named(run, "t"))]
        bold = all(self._styles.is_bold(run, node) for run in runs)
        centred = self._styles.alignment(node) in _CENTRED
        size = word_value(child(runs[0], "rPr", "sz")) if runs else None
        return (not (bold and centred), not bold, size or "") if bold or centred else None


def _paragraphs(body: Node) -> list[Node]:
    """The paragraphs that lie in no table, box or other paragraph."""
    found: list[Node] = []
    for node in body:
        name = word_name(node)
        if name == "p":
            found.append(node)
        elif name in ("sdt", "sdtContent", "ins", "customXml", "moveTo"):
            found += _paragraphs(node)
    return found


def _is_counted(text: str) -> bool:
    """Whether the words alone announce a chapter."""
    heading = recognise(Block((text,), 1, 0))
    return heading is not None and heading.family in ("unit", "part")


def _by_look(lines: list[_TitleLine]) -> set[Node]:
    """The short lines that stand out alike, each before text of its own: bold and centred, or bold, or centred."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for index, line in enumerate(lines):
        if line.look is not None:
            groups[line.look].append(index)
    for _, places in sorted(groups.items(), key=lambda group: str(group[0])):
        alone = [place for place in places if place + 1 < len(lines) and lines[place + 1].look is None]
        if len(alone) > 1 and 2 * len(alone) > len(places) and 2 * len(places) <= len(lines):
            return {lines[place].node for place in alone}
    return set()
