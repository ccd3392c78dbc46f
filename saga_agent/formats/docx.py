"""Word documents as rich text: headings by style, tracked changes accepted or undone, emphasis kept."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, Protocol, cast

from saga_agent.errors import MissingExtra, UnreadableFile
from saga_agent.formats.archive import Archive
from saga_agent.formats.richtext import RichText, RichWriter

if TYPE_CHECKING:
    from docx.document import Document

Tracked = Literal["accepted", "original"]

MAIN_PART = "word/document.xml"

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ADDED = (f"{_W}ins", f"{_W}moveTo")
_REMOVED = (f"{_W}del", f"{_W}moveFrom")
_LEFT_OUT = {"drawing": "pictures or text boxes", "pict": "pictures or text boxes", "object": "embedded objects",
             "footnoteReference": "footnotes", "endnoteReference": "endnotes", "commentReference": "comments",
             "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent": "pictures or text boxes",
             }  # fmt: skip
_CHARACTERS = {"t": "", "delText": "", "tab": "\t", "noBreakHyphen": "-", "br": "\n", "cr": "\n"}
_NO_TITLE = "Word Document"  # what python-docx says of a document without properties
_OFF = ("0", "false", "off", "none")


class Node(Protocol):
    """An XML element of the document."""

    @property
    def tag(self) -> object: ...
    @property
    def text(self) -> str | None: ...
    def get(self, key: str, /) -> str | None: ...
    def find(self, path: str, /) -> Node | None: ...
    def __iter__(self) -> Iterator[Node]: ...


def read_docx(archive: Archive, data: bytes, *, name: str, tracked: Tracked = "accepted") -> RichText:
    """The document's text; `tracked` says whether tracked changes count as made or as never made.

    Raises: `UnreadableFile` for a damaged or hostile file, `MissingExtra` without the extra `documents`.
    """
    try:
        from docx import Document  # an optional extra
    except ImportError as error:
        raise MissingExtra("Reading .docx", "documents") from error
    _refuse_entities(archive, name)
    try:
        return _Reader(Document(io.BytesIO(data)), tracked).read()
    except Exception as error:  # python-docx and lxml raise whatever a damaged package leads them to
        raise UnreadableFile(name, "the Word document in it is damaged; open it in Word and save it anew") from error


def _refuse_entities(archive: Archive, name: str) -> None:
    for member in archive.names:
        if member.endswith((".xml", ".rels")):
            content = archive.read(member)
            if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\0" in content[:4]:
                raise UnreadableFile(name, f"its part {member!r} declares entities or is not UTF-8, as Word never does")


class _Reader:
    def __init__(self, document: Document, tracked: Tracked) -> None:
        self._document = document
        self._styles = _Styles(document)
        self._dropped = _REMOVED if tracked == "accepted" else _ADDED
        self._out = RichWriter()
        self._titles: list[str] = []

    def read(self) -> RichText:
        self._read_blocks(cast(Node, self._document.element))
        title = self._titles[0] if self._titles else self._document.core_properties.title.replace(_NO_TITLE, "")
        return self._out.finish(title=title)

    def _read_blocks(self, parent: Node) -> None:
        for node in parent:
            if node.tag == f"{_W}p":
                self._read_paragraph(node)
            elif node.tag in self._dropped:
                self._out.set_aside("deleted", _text_in(node))
            else:
                self._read_blocks(node)

    def _read_paragraph(self, node: Node) -> None:
        self._read_inline(node)
        if any(node.find(f"{_W}pPr/{_W}rPr/{tag}") is not None for tag in self._dropped):
            return  # the end of this paragraph is what the change takes away: the next one goes on here
        level = self._styles.level_of(node)
        if level == 0:
            title = self._out.take_plain()
            self._out.set_aside("title page" if self._titles else "title", title, place="title")
            self._titles += [title] if title else []
        elif level is None:
            self._out.end_paragraph()
        else:
            self._out.end_heading(level)

    def _read_inline(self, parent: Node) -> None:
        for node in parent:
            if node.tag == f"{_W}r":
                self._read_run(node)
            elif node.tag in self._dropped:
                self._out.set_aside("deleted", _text_in(node))
            elif node.tag != f"{_W}pPr":
                self._read_inline(node)

    def _read_run(self, run: Node) -> None:
        italic, bold = self._styles.is_set(run, "i"), self._styles.is_set(run, "b")
        for node in run:
            name = str(node.tag).removeprefix(_W)
            if name in _LEFT_OUT:
                self._out.left_out[_LEFT_OUT[name]] += 1
            elif name in ("br", "cr") and node.get(f"{_W}type") not in ("page", "column"):
                self._out.break_line()
            elif name in _CHARACTERS:
                self._out.add(_CHARACTERS[name] or node.text or "", italic=italic, bold=bold)


class _Styles:
    """What the document's styles say: which are headings or the title, which are italic or bold."""

    def __init__(self, document: Document) -> None:
        self._levels: dict[str, int] = {}
        self._by_id: dict[str, Node] = {}
        for style in cast(Node, document.styles.element):
            if style_id := style.get(f"{_W}styleId"):
                self._by_id[style_id] = style

    def level_of(self, paragraph: Node) -> int | None:
        """1 to 6 for a heading, 0 for the title, None for text."""
        outline = _value(paragraph, f"{_W}pPr/{_W}outlineLvl")
        if outline is not None:
            return _outline_level(outline)
        for style in self._chain(_value(paragraph, f"{_W}pPr/{_W}pStyle")):
            name = (_value(style, f"{_W}name") or "").lower()
            if name in ("title", "subtitle"):
                return 0
            if name.startswith("heading ") and name[8:].isdecimal():
                return min(max(int(name[8:9]), 1), 6)
            outline = _value(style, f"{_W}pPr/{_W}outlineLvl")
            if outline is not None:
                return _outline_level(outline)
        return None

    def is_set(self, run: Node, prop: Literal["i", "b"]) -> bool:
        """Whether the run is set so, by itself or by its character style."""
        chain = self._chain(_value(run, f"{_W}rPr/{_W}rStyle"))
        for node in (run, *chain):
            mark = node.find(f"{_W}rPr/{_W}{prop}")
            if mark is not None:
                return mark.get(f"{_W}val") not in _OFF
        return False

    def _chain(self, style_id: str | None) -> Iterator[Node]:
        seen: set[str] = set()
        while style_id is not None and style_id in self._by_id and style_id not in seen:
            seen.add(style_id)
            yield self._by_id[style_id]
            style_id = _value(self._by_id[style_id], f"{_W}basedOn")


def _text_in(node: Node) -> str:
    own = node.text or "" if node.tag in (f"{_W}t", f"{_W}delText") else ""
    return own + "".join(map(_text_in, node)) + ("\n\n" if node.tag == f"{_W}p" else "")


def _value(node: Node, path: str) -> str | None:
    found = node.find(path)
    return None if found is None else found.get(f"{_W}val")


def _outline_level(value: str) -> int | None:
    """The heading level of an outline level, which counts from 0 and means body text at 9."""
    return int(value) + 1 if value.isdecimal() and int(value) < 6 else None
