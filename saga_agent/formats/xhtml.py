"""XHTML pages as rich text: paragraphs, headings, emphasis, verse and rules; what is no text is told aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast, get_args

from saga_agent.formats.blocks import LONG_LINE
from saga_agent.formats.book import AsideReason, ChapterKind
from saga_agent.formats.markup import Node, attribute, local_name, plain
from saga_agent.formats.richtext import Explicit, Matter, RichWriter, announced
from saga_agent.formats.semantics import (
    initial_of,
    is_bold,
    is_break,
    is_initial,
    is_italic,
    is_number_part,
    is_section_number,
    is_stanza,
    is_title_part,
    is_titled,
    kind_of,
    matter_of,
    section_types,
    types_of,
)

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCK_NAMES = (
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form"
    " header hgroup html li main nav ol p pre section summary table tbody td tfoot th thead tr ul"
)
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_SECTIONS = ("body", "section", "article", "div", "main", "header", "nav")
_OF_THE_STORY = {"bodymatter", "chapter", "prologue", "epilogue", "volume", "division"}
_ITALIC = ("em", "i", "cite", "dfn", "var")
_BOLD = ("strong", "b")
_LEFT_OUT = {
    "img": "pictures",
    "image": "pictures",
    "svg": "pictures",
    "audio": "sounds",
    "video": "films",
    "math": "formulas",
    "object": "embedded objects",
    "iframe": "embedded objects",
}
_SILENT = ("head", "script", "style", "title")  # a title strays into a page when its head is damaged
_ASIDE: dict[str, AsideReason] = {
    "page mark": "page marks",
    "note mark": "notes",
    "notes": "notes",
    "contents": "contents",
    "hidden": "hidden",
}


@dataclass(frozen=True, slots=True)
class ContentsEntry:
    """A title that the book's table of contents gives to a place."""

    title: str
    level: int
    """As a heading, from 1."""


@dataclass(slots=True)
class Guide:
    """What is known of a page from outside of it."""

    entries: Mapping[str, Sequence[ContentsEntry]] = field(default_factory=dict[str, Sequence[ContentsEntry]])
    """By the ids of elements; `""` for the page as a whole. Those whose place has a heading are not among them."""
    matter: tuple[Matter, str] | None = None
    """What kind of matter the whole page is, and how it is called."""
    hidden_classes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _TextStyle:
    """How text is set."""

    italic: bool = False
    bold: bool = False
    kept: bool = False
    """Whether blanks and line ends stand as they are."""


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where in a page the reader is."""

    matter: tuple[Matter, str] | None = None
    """What the section says it is, and how such a section is called where it has no heading."""
    group_level: int = 0
    """Of the group of headings around; 0 outside of one."""
    in_heading: bool = False
    in_stanza: bool = False


class XhtmlReader:
    """Puts the text of XHTML elements into a writer; for trees that are not absurdly deep."""

    def __init__(self, out: RichWriter, guide: Guide | None = None) -> None:
        self._out = out
        self._guide = guide or Guide()
        self._scope = _Scope(matter=self._guide.matter)
        self._due: list[ContentsEntry] = list(self._guide.entries.get("", ()))
        self._below: set[Node] = set()
        self._has_headings = False
        self._group_begun = False
        """Whether the group of headings that is being read has had its first."""
        self._initial = False
        """Whether a block has just ended that is the first letter of the next one."""
        self._rest = ""
        """The words of a title that the heading before has left for the next paragraph."""

    def read_page(self, body: Node) -> None:
        """Reads the body of a page."""
        self._has_headings = has_heading(body)
        if not plain(body):
            self._due.clear()  # a page of pictures is no chapter
        self.read(body)
        self._out.end_block()
        self._settle("")

    def read(self, element: Node, look: _TextStyle = _TextStyle()) -> None:
        """Reads one element and what is in it."""
        tag = local_name(element)
        if tag in _SILENT:
            return
        if tag == "template":
            return self._out.set_aside("hidden", paragraphs_text(element))
        self._reach(element)
        kind = kind_of(element, hidden_classes=self._guide.hidden_classes)
        if kind == "break":
            self._break(element)
        elif kind:
            self._out.set_aside(_ASIDE[kind], paragraphs_text(element))
        elif tag in ("rt", "rp"):
            self._out.set_aside("alternatives", plain(element) if tag == "rt" else "")
        elif tag in _LEFT_OUT:
            self._leave_out(element, tag)
        elif tag == "br":
            self._out.break_line()
            self._read_children(element, tag, look)  # XML lets an element hold text that HTML has empty
        elif tag in _BLOCKS and tag != "body" and not plain(element) and is_break(element):
            self._break(element)
        else:
            self._read_inside(element, tag, look)

    def _read_inside(self, element: Node, tag: str, look: _TextStyle) -> None:
        kept = look.kept or tag == "pre" or "white-space: pre" in element.get("style", "")
        within = tag == "span"
        italic = look.italic or tag in _ITALIC or (within and is_italic(element))
        look = _TextStyle(italic, look.bold or tag in _BOLD or (within and is_bold(element)), kept)
        is_initial_block = tag in _BLOCKS and is_initial(element)
        is_block = (tag in _BLOCKS or tag in _HEADINGS) and not is_initial_block
        if is_block and not self._initial:
            self._end_block()
        self._initial = False
        outside = self._scope
        self._scope = self._scope_of(element, tag)
        self._read_children(element, tag, look)
        if self._scope.in_heading and tag not in _HEADINGS and is_number_part(element) and self._out.pending:
            self._out.break_line()
        if self._scope.in_heading and is_section_number(element):
            self._out.add(".")
        self._initial = is_initial_block
        if is_block:
            self._end(element, tag)
        # What a section says of itself ends with it; that a heading has used it up goes on after that heading.
        self._scope = outside if tag in _SECTIONS else replace(outside, matter=self._scope.matter)
        if tag == "hgroup":
            self._group_begun = False

    def _scope_of(self, element: Node, tag: str) -> _Scope:
        scope = self._scope
        if tag in _SECTIONS:
            types = section_types(element)
            scope = replace(scope, matter=matter_of(types) or (None if types & _OF_THE_STORY else scope.matter))
        if tag == "hgroup":
            scope = replace(scope, group_level=_group_level(element))
        if tag in _HEADINGS:
            scope = replace(scope, in_heading=True)
        return replace(scope, in_stanza=True) if is_stanza(element) else scope

    def _read_children(self, element: Node, tag: str, look: _TextStyle) -> None:
        if tag == "q":
            self._out.add("“")
        self._text(element.text, look)
        for child in element:
            self.read(child, look)
            self._text(child.tail, look)
        if tag == "q":
            self._out.add("”")

    # Ends of blocks

    def _end(self, element: Node, tag: str) -> None:
        if tag in _HEADINGS or "heading" in types_of(element):
            self._end_heading(element, _HEADINGS.get(tag) or _level(element))
        elif self._scope.group_level and self._out.pending:
            self._end_heading(element, self._scope.group_level)
        elif tag == "p":
            self._end_paragraph(element)
        elif self._out.pending and self._numbers_next(element, self._out.pending):
            return
        elif tag == "li":
            self._settle(self._out.pending)
            self._out.end_item()
        else:
            self._end_block()

    def _end_heading(self, element: Node, level: int) -> None:
        if (explicit := _explicit(element)) is not None:
            self._due.clear()
            label = next((plain(each) for each in element if local_name(each) == "span"), "")
            title = element[-1].tail if len(element) else element.text
            self._out.take_plain()
            self._out.set_aside("attributes", label)
            self._out.add(title or "")
            return self._out.end_heading(1, explicit=explicit)
        if not self._out.pending:
            alt = " ".join(attribute(each, "alt") for each in element.iter() if local_name(each) == "img").strip()
            self._out.add_own(alt)
        if not self._out.pending:
            return self._out.end_block()
        self._due.clear()
        below = element in self._below or (self._scope.group_level > 0 and self._group_begun)
        below = below or ("subtitle" in types_of(element) and self._out.follows_heading)
        self._group_begun = True
        self._head(self._scope.group_level or level, below=below)

    def _end_paragraph(self, element: Node) -> None:
        words = self._out.pending
        if not words:
            return self._end_empty(element)
        if self._heads(element, words) or self._numbers_next(element, words):
            return None
        self._settle(words)
        if self._scope.in_stanza:
            return self._out.break_line()
        is_literal = "data-saga-text" in dict(element.items())
        return self._out.end_paragraph(long_lines=LONG_LINE, literal=is_literal)

    def _heads(self, element: Node, words: str) -> bool:
        """Ends the paragraph as a heading where it says that it is one, or the table of contents does."""
        above = self._out.follows_heading
        following = element.getnext()
        if self._rest and above and _same(words, self._rest):
            self._rest = ""
            self._head(1, below=True)
        elif self._due and self._takes_title(words):
            return True
        elif is_number_part(element) and following is not None and local_name(following) in _HEADINGS:
            self._below.add(following)
            self._due.clear()
            self._head(_HEADINGS[local_name(following)], below=False)
        elif above and self._out.numbers_only and (is_title_part(element) or is_titled(element)):
            self._head(1, below=True)
        elif not self._has_headings and (is_titled(element) or (is_number_part(element) and _is_number(words))):
            self._due.clear()
            self._head(1, below=False)
        else:
            return False
        return True

    def _numbers_next(self, element: Node, words: str) -> bool:
        """Ends the block as a heading where it is the number of the heading that comes next, alone before it."""
        if self._scope.in_heading or announced(words) not in ("unit", "bare"):
            return False
        following = _heading_after(element)
        if following is None or announced(plain(following)):
            return False
        self._below.add(following)
        self._due.clear()
        self._head(_HEADINGS[local_name(following)], below=False)
        return True

    def _end_empty(self, element: Node) -> None:
        blank = any("\u00a0" in text for text in element.itertext()) or any(local_name(e) == "br" for e in element)
        self._out.take_plain()
        if any(local_name(each) in _LEFT_OUT for each in element.iter()):
            return
        if blank:
            self._out.blank()
        else:
            self._out.end_paragraph()

    def _end_block(self) -> None:
        words = self._out.pending
        if words and self._due and self._takes_title(words):
            return
        if words:
            self._settle(words)
        if not self._scope.in_stanza:
            self._out.end_block(long_lines=LONG_LINE)
        elif not self._out.ends_blank:
            self._out.break_line()

    def _head(self, level: int, *, below: bool) -> None:
        matter = self._scope.matter[0] if self._scope.matter is not None and not below else None
        if matter == "part":
            self._scope = replace(self._scope, matter=None)  # the chapters in a part are none
        self._out.end_heading(level, below=below, matter=matter)

    def _break(self, element: Node) -> None:
        self._end_block()
        words = plain(element)
        if any(character.isalnum() for character in words):
            self._out.set_aside("attributes", words)
        self._out.rule()

    # Titles from the table of contents

    def _reach(self, element: Node) -> None:
        """Takes up the titles that lead to the element."""
        for key in {element.get("id", ""), element.get("name", "") if local_name(element) == "a" else ""} - {""}:
            if entries := self._guide.entries.get(key):
                self._end_block()
                self._settle("")
                self._due = list(entries)

    def _takes_title(self, words: str) -> bool:
        """Makes the paragraph the heading that is due, where it says the same."""
        *above, entry = self._due
        same = _same(words, entry.title)
        begins = _folded(entry.title).startswith(_folded(words)) and len(_folded(words)) > 0 and len(words) < 40
        if not same and not (begins and _is_number(words)):
            return False
        self._due.clear()
        spans = self._out.take_spans()
        for each in above:
            self._insert(each)
        self._out.give_spans(spans)
        self._rest = "" if same else _folded(entry.title)[len(_folded(words)) :]
        self._head(entry.level, below=False)
        return True

    def _settle(self, words: str) -> None:
        """Sets the headings that are due, before the words of the paragraph, which does not name them."""
        spans = self._out.take_spans()
        for entry in self._due:
            if not (self._out.follows_heading and _same(self._out.last_heading, entry.title)):
                self._insert(entry)
        self._due.clear()
        matter = self._scope.matter
        if words and matter is not None and matter[1] and not self._has_headings:
            kind, name = matter
            self._scope = replace(self._scope, matter=(kind, ""))
            self._out.add_own(name)
            self._head(1, below=False)
        self._out.give_spans(spans)

    def _insert(self, entry: ContentsEntry) -> None:
        self._out.add_own(entry.title)
        self._head(entry.level, below=False)

    # Pieces

    def _leave_out(self, element: Node, tag: str) -> None:
        letter = initial_of(element, _following(element)) if tag in ("img", "image") else ""
        if letter:
            self._out.set_aside("embedded", plain(element))
            return self._out.add_own(letter)
        self._out.left_out[_LEFT_OUT[tag]] += 1
        self._out.set_aside("embedded", plain(element))
        return None

    def _text(self, text: str | None, look: _TextStyle) -> None:
        if not text:
            return
        if look.kept:
            first, *more = text.split("\n")
            self._out.add(first, italic=look.italic, bold=look.bold)
            for line in more:
                self._out.break_line()
                self._out.add(line, italic=look.italic, bold=look.bold)
            return
        collapsed = _collapsed(text)
        self._out.add(collapsed.lstrip(" ") if self._out.ends_blank else collapsed, italic=look.italic, bold=look.bold)


def has_heading(element: Node) -> bool:
    """Whether a heading with text, or with a picture of it, is in the element."""
    return any(is_heading(node) for node in element.iter())


def is_heading(node: Node) -> bool:
    """Whether the element is a heading that says something."""
    if local_name(node) not in _HEADINGS and "heading" not in types_of(node):
        return False
    return bool(plain(node)) or any(attribute(each, "alt").strip() for each in node.iter())


def heading_level(node: Node) -> int:
    """The level of a heading, from 1."""
    return _HEADINGS.get(local_name(node)) or _level(node)


def _explicit(heading: Node) -> Explicit | None:
    """What a heading of our own writer begins, and its number; None for others."""
    kind, number = heading.get("data-saga-kind", ""), heading.get("data-saga-number", "")
    if kind not in get_args(ChapterKind):
        return None
    return cast(ChapterKind, kind), int(number) if number.isdecimal() and len(number) < 10 else None


def _group_level(group: Node) -> int:
    return min((_HEADINGS[local_name(each)] for each in group.iter() if local_name(each) in _HEADINGS), default=2)


def _level(element: Node) -> int:
    said = element.get("aria-level", "")
    return int(said) if said.isdecimal() and len(said) == 1 else 2


def _following(element: Node) -> str:
    """The text that comes right after the element in its block."""
    node: Node | None = element
    while node is not None and local_name(node) not in _BLOCKS:
        text = node.tail or ""
        sibling = node.getnext()
        while not text.strip() and sibling is not None:
            text += "".join(sibling.itertext()) + (sibling.tail or "")
            sibling = sibling.getnext()
        if text.strip():
            return text
        node = node.getparent()
    return ""


def _heading_after(element: Node) -> Node | None:
    """The heading that is the next text after an element; None where other text comes first."""
    node: Node | None = element
    while node is not None and local_name(node) != "body" and not (node.tail or "").strip():
        following = node.getnext()
        if following is None:
            node = node.getparent()
        elif not plain(following):
            node = following
        else:
            return _first_heading(following)
    return None


def _first_heading(element: Node) -> Node | None:
    node: Node | None = element
    while node is not None and local_name(node) not in _HEADINGS:
        begins = (node.text or "").strip()
        node = None if begins else next((child for child in node if plain(child)), None)
    return node


def paragraphs_text(element: Node) -> str:
    """The text of an element that is set aside, its blocks on lines of their own."""
    pieces: list[str] = []

    def take(node: Node) -> None:
        block = local_name(node) in _BLOCKS or local_name(node) in _HEADINGS or local_name(node) == "br"
        pieces.append("\n" if block else "")
        pieces.append(_collapsed(node.text or "") if local_name(node) not in _SILENT else "")
        for child in node:
            take(child)
            pieces.append(_collapsed(child.tail or ""))
        pieces.append("\n" if block else "")

    take(element)
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n\n".join(line for line in lines if line)


def _is_number(words: str) -> bool:
    return any(character.isdigit() for character in words) or len(words.split()) <= 3


def _folded(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _same(one: str, other: str) -> bool:
    return bool(_folded(one)) and _folded(one) == _folded(other)


def _collapsed(text: str) -> str:
    # Only the blanks of XML collapse; a no-break space is a character of the text.
    words = text.replace("\t", " ").replace("\n", " ").replace("\r", " ").split(" ")
    inner = " ".join(word for word in words if word)
    return (" " if not words[0] else "") + inner + (" " if inner and not words[-1] else "")
