"""Word documents as rich text: headings by style, tracked changes accepted or undone, emphasis kept, nothing lost."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from saga_agent.errors import UnreadableFile
from saga_agent.formats.archive import Archive
from saga_agent.formats.book import AsideReason
from saga_agent.formats.chunk import read_chunk
from saga_agent.formats.docx_writer import LITERAL, explicit_of
from saga_agent.formats.markup import Node, NotWellFormed, attribute
from saga_agent.formats.package import Package
from saga_agent.formats.richtext import Explicit, RichText, RichWriter
from saga_agent.formats.symbols import UNKNOWN, symbol
from saga_agent.formats.word_numbering import Numbering
from saga_agent.formats.word_styles import StyleRole, Styles
from saga_agent.formats.word_titles import Titles
from saga_agent.formats.word_xml import child, named, relation_id, word_name, word_value

Tracked = Literal["accepted", "original"]

_ADDED = ("ins", "moveTo")
_REMOVED = ("del", "moveFrom")
_NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes", "commentReference": "comments"}
_NOTE_PARTS: dict[str, AsideReason] = {"footnotes": "notes", "endnotes": "notes", "comments": "comments"}
_MARGINS = ("header", "footer")
_PICTURES = ("drawing", "pict", "object")
_SPECIAL_NOTES = ("separator", "continuationSeparator", "continuationNotice")
_CHARACTERS = {"tab": "\t", "ptab": "\t", "noBreakHyphen": "-", "softHyphen": "", "cr": "\n", "pgNum": ""}
_HAS_TEXT = ("t", "delText", "sym", "symex:symEx", "m:t")
_Read = Callable[[Node], None]
_TEMPLATES = "glossary/"
"""The store of building blocks, which are no text of the document."""
_HEAD_BYTES = 2000
_MAX_CHUNKS = 3
_DAMAGED = "the Word document in it is damaged; open it in Word and save it anew"


def read_docx(archive: Archive, *, name: str, tracked: Tracked = "accepted") -> RichText | None:
    """The document's text, None for an archive that is no Word document.

    `tracked` says whether tracked changes count as made or as never made. Only the part with the text may refuse the
    book; of others that are damaged it is told what they took along.

    Raises: `UnreadableFile` for a damaged or hostile file, `MissingExtra` without the extra `documents`.
    """
    package = Package(archive, name=name)
    part = package.main_part()
    if part is None:
        return None
    out = RichWriter()
    title = _DocxReader(package, part, out, tracked=tracked, name=name).read()
    return out.finish(title=title)


@dataclass(frozen=True, slots=True)
class _RunStyle:
    """How a run is set, and the paragraph that it stands in."""

    paragraph: Node | None
    hidden: bool
    italic: bool
    bold: bool


@dataclass(slots=True)
class _Fields:
    """The fields that are open: their instructions are no text, their results are."""

    open: list[bool] = field(default_factory=list[bool])
    """For each whether its instruction is still being given."""

    def mark(self, kind: str | None) -> None:
        if kind == "begin":
            self.open.append(True)
        elif kind == "separate" and self.open:
            self.open[-1] = False
        elif kind == "end" and self.open:
            self.open.pop()

    @property
    def instructs(self) -> bool:
        return any(self.open)


class _DocxReader:
    def __init__(
        self, package: Package, part: str, out: RichWriter, *, tracked: Tracked, name: str, depth: int = 0
    ) -> None:
        self._package, self._part, self._out, self._name, self._depth = package, part, out, name, depth
        self._seen = {part}
        self._relations = {relation.id: relation for relation in package.relations(part)}
        self._styles = Styles(self._side_part("styles"))
        self._numbering = Numbering(self._side_part("numbering"))
        self._tracked: Tracked = tracked
        self._dropped = _REMOVED if tracked == "accepted" else _ADDED
        self._titles = Titles(out, self._styles)
        self._fields = _Fields()
        self._explicit: Explicit | None = None
        self._boxes: list[Node] = []
        self._asides: dict[AsideReason, list[str]] = {}
        self._unknown: Counter[str] = Counter()

    def read(self) -> str:
        """Reads all into the writer; gives the title."""
        try:
            root = self._package.parse(self._part)
        except NotWellFormed as error:
            raise UnreadableFile(self._name, _DAMAGED) from error
        body = child(root, "body")
        if body is None:
            raise UnreadableFile(self._name, _DAMAGED)
        self._titles.look_ahead(body)
        self._read_blocks(body)
        self._out.end_block()
        self._read_side_texts()
        self._read_left_over_parts()
        if self._unknown:
            told = ", ".join(sorted(self._unknown))
            self._out.warn(
                f"{self._unknown.total()} symbol(s) of fonts without a known reading are shown as \ufffd: {told}."
            )
        return self._titles.title or self._property_title()

    # Blocks

    def _read_blocks(self, parent: Node) -> None:
        for node in parent:
            name = word_name(node)
            if name == "p":
                self._read_paragraph(node)
            elif name in self._dropped or (name == "tr" and self._is_dropped_row(node)):
                self._keep_aside("deleted", node)
            elif name == "altChunk":
                self._read_chunk(node)
            elif name == "mc:AlternateContent":
                self._read_alternatives(node, self._read_blocks)
            elif name == "subDoc":
                self._out.left_out["documents that are linked and not in the file"] += 1
            elif name == "sdt":
                self._read_control(node, self._read_blocks)
            elif name == "r":
                self._read_run(node, None)
            elif name == "tc":
                self._read_blocks(node)
                self._out.end_block()
            elif not name.endswith(("Pr", "PrChange")):
                self._read_blocks(node)

    def _read_paragraph(self, node: Node) -> None:
        standing = self._styles.standing(node)
        numbered = self._styles.numbering(node)
        label = self._numbering.label(*numbered) if numbered else ""
        self._read_inline(node, node)
        self._fields.open = [False] * len(self._fields.open)  # an instruction that has no end must not eat the book
        if any(child(node, "pPr", "rPr", tag) is not None for tag in self._dropped):
            return  # the end of this paragraph is what the change takes away: the next one goes on here
        if word_value(child(node, "pPr", "framePr"), "dropCap") in ("drop", "margin"):
            return  # a large initial, set as a paragraph of its own before the one it begins
        self._end_paragraph(node, standing, label)
        boxes, self._boxes = self._boxes, []
        for box in boxes:
            self._read_blocks(box)
            self._out.end_block()
        self._tell_asides()

    def _end_paragraph(self, node: Node, standing: StyleRole, label: str) -> None:
        if self._explicit is not None:
            self._out.end_heading(1, explicit=self._explicit)
            self._explicit = None
        elif standing.place == "contents":
            self._out.set_aside("contents", self._out.take_plain())
        elif standing.place == "heading":
            if label:
                self._titles.number(label)
            self._titles.heading(standing.level)
        elif standing.place in ("title", "subtitle"):
            self._titles.titled(node, subtitle=standing.place == "subtitle")
        elif not self._out.pending and child(node, "pPr", "pBdr") is not None:
            self._out.end_block()
            self._out.rule()
        else:
            self._titles.text(node)

    def _is_dropped_row(self, row: Node) -> bool:
        return any(child(row, "trPr", tag) is not None for tag in self._dropped)

    # Inside of paragraphs

    def _read_inline(self, parent: Node, paragraph: Node | None) -> None:
        for node in parent:
            name = word_name(node)
            if name == "r":
                self._read_run(node, paragraph)
            elif name in self._dropped:
                self._keep_aside("deleted", node)
            elif name == "bookmarkStart":
                self._reach(word_value(node, "name") or "")
            elif name == "mc:AlternateContent":
                self._read_alternatives(node, lambda each: self._read_inline(each, paragraph))
            elif name == "sdt":
                self._read_control(node, lambda each: self._read_inline(each, paragraph))
            elif name == "m:t":
                self._out.add_own(node.text or "")
            elif name in ("p", "tbl"):
                self._boxes.append(node)
            elif not name.endswith(("Pr", "PrChange")):
                self._read_inline(node, paragraph)

    def _reach(self, bookmark: str) -> None:
        """Takes up what a bookmark of our own writer says of the heading that it begins."""
        if bookmark == LITERAL:
            self._titles.is_literal = True
        elif (explicit := explicit_of(bookmark)) is not None:
            self._out.set_aside("attributes", self._out.take_plain())
            self._explicit = explicit

    def _read_run(self, run: Node, paragraph: Node | None) -> None:
        look = _RunStyle(
            paragraph,
            hidden=self._styles.is_hidden(run, paragraph),
            italic=self._styles.is_set(run, "i"),
            bold=self._styles.is_set(run, "b"),
        )
        self._read_pieces(run, look)

    def _read_pieces(self, parent: Node, look: _RunStyle) -> None:
        for node in parent:
            if not self._read_characters(node, look):
                self._read_content(node, look)

    def _read_characters(self, node: Node, look: _RunStyle) -> bool:
        """Reads what is a character or some; whether it was."""
        name = word_name(node)
        if name in ("t", "delText"):
            self._add("".join(node.itertext()), look)
        elif name == "br":
            self._out.break_line()
        elif name in _CHARACTERS:
            self._out.add("" if look.hidden else _CHARACTERS[name])
        elif name in ("sym", "symex:symEx"):
            self._add_symbol(node, look)
        elif name == "fldChar":
            self._fields.mark(word_value(node, "fldCharType"))
        else:
            return False
        return True

    def _read_content(self, node: Node, look: _RunStyle) -> None:
        name = word_name(node)
        if name == "ruby":
            self._keep_aside("alternatives", *named(node, "rt"))
            for base in named(node, "rubyBase"):
                self._read_inline(base, look.paragraph)
        elif name in _NOTES:
            self._out.left_out[_NOTES[name]] += 1
        elif name == "mc:AlternateContent":
            self._read_alternatives(node, lambda each: self._read_pieces(each, look))
        elif name in _PICTURES:
            self._read_picture(node)
        elif name == "r":
            self._read_run(node, look.paragraph)
        elif name in ("p", "tbl", "txbxContent"):
            self._boxes.append(node)

    def _add(self, text: str, look: _RunStyle) -> None:
        if look.hidden or self._fields.instructs:
            self._asides.setdefault("hidden", []).append(text)
        else:
            self._out.add(text, italic=look.italic, bold=look.bold)

    def _add_symbol(self, node: Node, look: _RunStyle) -> None:
        if look.hidden:
            return
        font = word_value(node, "font") or attribute(node, "font")
        code = word_value(node, "char") or attribute(node, "char")
        character = symbol(font or "", code or "")
        if character == UNKNOWN:
            self._unknown[f"{font or 'no font'} {code}"] += 1
        self._out.add_own(character)

    def _read_picture(self, node: Node) -> None:
        boxes = list(_outermost(node, "txbxContent"))
        if any(attribute.rpartition("}")[2] == "hr" for each in node.iter() for attribute, _ in each.items()):
            self._out.end_block()
            self._out.rule()
        elif boxes:
            self._boxes += boxes
        else:
            self._out.left_out["embedded objects" if word_name(node) == "object" else "pictures"] += 1

    def _read_control(self, node: Node, read: _Read) -> None:
        """A content control; what it asks for while it is empty is no text of the writer's."""
        if child(node, "sdtPr", "showingPlcHdr") is not None:
            self._keep_aside("boilerplate", node)
            return
        for each in node:
            if word_name(each) == "sdtContent":
                read(each)

    def _read_alternatives(self, node: Node, read: _Read) -> None:
        """Reads the first of the alternatives that has text, or else the first; the others say the same again."""
        choices = [each for each in node if word_name(each) in ("mc:Choice", "mc:Fallback")]
        chosen = next((each for each in choices if _has_text(each)), choices[0] if choices else None)
        for each in choices:
            if each is chosen:
                read(each)
            else:
                self._keep_aside("alternatives", each)

    # What is no part of the text

    def _keep_aside(self, reason: AsideReason, *nodes: Node) -> None:
        for node in nodes:
            for each in named(node, "t", "delText"):
                self._asides.setdefault(reason, []).append("".join(each.itertext()))
            self._asides.setdefault(reason, []).append("\n")

    def _tell_asides(self) -> None:
        for reason, pieces in self._asides.items():
            lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
            self._out.set_aside(reason, "\n\n".join(line for line in lines if line))
        self._asides.clear()

    def _read_side_texts(self) -> None:
        self._tell_asides()
        for relation in self._relations.values():
            reason = _NOTE_PARTS.get(relation.kind)
            margin = relation.kind in _MARGINS
            if (reason is None and not margin) or relation.target not in self._package:
                continue
            root = self._side_root(relation.target)
            for note in [root] if margin and root is not None else root if root is not None else ():
                if word_value(note, "type") not in _SPECIAL_NOTES or _has_text(note):
                    place = relation.target.rpartition("/")[2] if margin else relation.kind
                    self._out.set_aside(reason or "headers and footers", _texts(note), place)

    def _read_left_over_parts(self) -> None:
        """Tells of text in parts that no relation leads to."""
        for part in self._package.parts() if not self._depth else ():
            data = b"" if part in self._seen or _TEMPLATES in part else self._package.read(part)
            if part.lower().endswith((".html", ".htm", ".xhtml")) and data.strip():
                inner = RichWriter()
                read_chunk(data, inner, part=part, name=self._name)
                read = inner.finish()
                self._out.set_aside(
                    "unread pages", "\n\n".join((read.text, *(each.text for each in read.asides))), part
                )
                self._out.tell_added("\n".join(read.added))
            if part.endswith(".xml") and b"wordprocessingml" in data[:_HEAD_BYTES].lower():
                root = self._side_root(part)
                if root is not None:
                    self._out.set_aside("unread pages", _texts(root), part)

    def _read_chunk(self, node: Node) -> None:
        relation = self._relations.get(relation_id(node))
        if relation is None or relation.target not in self._package:
            self._out.left_out["documents that should be set in and are missing"] += 1
            return
        self._out.end_block()
        self._seen.add(relation.target)
        data = self._package.read(relation.target)
        if data.startswith(b"PK\x03\x04"):
            self._read_document(data)
        elif not read_chunk(data, self._out, part=relation.target, name=self._name):
            self._out.left_out["documents set in that are no text, Word or HTML"] += 1

    def _read_document(self, data: bytes) -> None:
        package = Package(Archive(data, name=self._name), name=self._name)
        part = package.main_part()
        if part is None or self._depth >= _MAX_CHUNKS:
            self._out.left_out["documents set in that cannot be read"] += 1
            return
        inner = RichWriter()
        _DocxReader(package, part, inner, tracked=self._tracked, name=self._name, depth=self._depth + 1).read()
        inner.end_block()
        self._out.take_over(inner)

    # Parts beside the text

    def _side_part(self, kind: str) -> Node | None:
        for relation in self._relations.values():
            if relation.kind == kind and relation.target in self._package:
                return self._side_root(relation.target)
        return None

    def _side_root(self, part: str) -> Node | None:
        self._seen.add(part)
        try:
            return self._package.parse(part)
        except NotWellFormed:
            with contextlib.suppress(NotWellFormed, UnreadableFile):
                root = self._package.parse(part, mend=True)
                self._out.warn(f"The part {part!r} of the document is damaged; it was read as far as it can be.")
                return root
        except UnreadableFile:
            pass
        self._out.warn(f"The part {part!r} of the document is damaged and was left out.")
        return None

    def _property_title(self) -> str:
        for relation in self._package.relations(""):
            if relation.kind == "core-properties" and relation.target in self._package:
                root = self._side_root(relation.target)
                for node in root.iter() if root is not None else ():
                    if node.tag.rpartition("}")[2] == "title":
                        return " ".join((node.text or "").split())
        return ""


def _outermost(node: Node, name: str) -> Iterator[Node]:
    """The elements of that name that lie in no other one, of the first alternative only."""
    if word_name(node) == name:
        yield node
    elif word_name(node) == "mc:AlternateContent":
        choices = [*node]
        yield from _outermost(next((each for each in choices if _has_text(each)), choices[0]), name) if choices else ()
    else:
        for each in node:
            yield from _outermost(each, name)


def _has_text(node: Node) -> bool:
    return any((each.text or "").strip() or "sym" in word_name(each) for each in named(node, *_HAS_TEXT))


def _texts(node: Node) -> str:
    """All text in the element, a line for each paragraph."""
    pieces: list[str] = []
    for each in named(node, "t", "delText", "tab", "br", "p"):
        name = word_name(each)
        pieces.append("\n" if name == "p" else " " if name in ("tab", "br") else "".join(each.itertext()))
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n\n".join(line for line in lines if line)
