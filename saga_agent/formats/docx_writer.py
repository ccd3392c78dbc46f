"""Word documents, written: headings by style, emphasis, and replacements as tracked changes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast
from xml.sax.saxutils import escape, quoteattr

from saga_agent.formats.archive import write_archive
from saga_agent.formats.blocks import is_markdown_heading
from saga_agent.formats.book import ChapterKind
from saga_agent.formats.book_text import Section, explicit_section, is_literal, split_label
from saga_agent.formats.emphasis import TextRun, runs_of
from saga_agent.formats.richtext import Explicit
from saga_agent.formats.tracked import Paragraph, Piece, TrackedEdit, paragraphs

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LITERAL = "_saga_text"
"""A bookmark of ours in a paragraph that looks like a scene break and is none."""

_BOOKMARK = "_saga_"
_OWN_BOOKMARK = re.compile(rf"{_BOOKMARK}(?P<kind>chapter|front|back|part)_(?P<number>\d{{0,9}})_\d+")
_INNER = re.compile(r"([\n\t])")
_STYLES = {
    "Normal": ("Normal", ""),
    "Title": ("Title", '<w:sz w:val="52"/>'),
    **{f"Heading{n}": (f"heading {n}", f'<w:b/><w:sz w:val="{34 - 2 * n}"/>') for n in range(1, 7)},
}


@dataclass(slots=True)
class _Body:
    """The body as it grows; each tracked change has a number."""

    out: list[str] = field(default_factory=list[str])
    changes: int = 0

    def heading(self, inner: str, style: str) -> None:
        self.out.append(f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{inner}</w:p>')

    def section(self, section: Section, number: int) -> None:
        """The heading of a section, with a bookmark around its title that tells our reader what it begins."""
        kind, counted = explicit_section(section)
        label, title = split_label(section)
        mark = f'w:id="{number}"'
        name = f"{_BOOKMARK}{kind}_{'' if counted is None else counted}_{number}"
        shown = _run(TextRun(label)) if label else ""
        titled = _run(TextRun(title)) if title else ""
        inner = f'{shown}<w:bookmarkStart {mark} w:name="{name}"/>{titled}<w:bookmarkEnd {mark}/>'
        self.heading(inner, "Heading1")

    def paragraph(self, paragraph: Paragraph) -> None:
        text = "".join(piece.text for piece in paragraph.pieces)
        if is_markdown_heading(text) and not any(piece.mark for piece in (*paragraph.pieces, paragraph.end)):
            level = len(text) - len(text.lstrip("#"))
            return self.heading("".join(map(_run, runs_of(text[level:].strip(" ")))), f"Heading{level}")
        end = f"<w:pPr><w:rPr>{self._mark(paragraph.end)}/></w:rPr></w:pPr>" if paragraph.end.mark else ""
        literal = f'<w:bookmarkStart w:id="0" w:name="{LITERAL}"/><w:bookmarkEnd w:id="0"/>' if is_literal(text) else ""
        self.out.append(f"<w:p>{end}{literal}{''.join(map(self._piece, paragraph.pieces))}</w:p>")

    def _piece(self, piece: Piece) -> str:
        if not piece.text:
            return ""
        runs = "".join(_run(run, deleted=piece.mark == "del") for run in runs_of(piece.text))
        return f"{self._mark(piece)}>{runs}</w:{piece.mark}>" if piece.mark else runs

    def _mark(self, piece: Piece) -> str:
        self.changes += 1
        return f'<w:{piece.mark} w:id="{self.changes}" w:author={quoteattr(_clean(piece.author))}'


def write_docx(title: str, sections: Sequence[Section], edits: Sequence[Sequence[TrackedEdit]] = ()) -> bytes:
    """The book as a Word file; the same book gives the same bytes.

    Args:
        title: Set as the title of the document.
        sections: Each begins with a heading.
        edits: For each section its replacements, set as tracked changes.
    """
    body = _Body()
    body.heading(_run(TextRun(title)), "Title")
    for index, section in enumerate(sections):
        body.section(section, index + 1)
        for paragraph in paragraphs(section.text, edits[index] if edits else ()) if section.text else ():
            body.paragraph(paragraph)
    document = f'{_HEAD}<w:document xmlns:w="{_W}"><w:body>{"".join(body.out)}</w:body></w:document>'
    return write_archive({name: text.encode() for name, text in {**_package(), "word/document.xml": document}.items()})


def explicit_of(bookmark: str) -> Explicit | None:
    """What a bookmark of ours says of the heading that it begins: its kind and number; None for others."""
    match = _OWN_BOOKMARK.fullmatch(bookmark)
    if match is None:
        return None
    return cast(ChapterKind, match["kind"]), int(match["number"]) if match["number"] else None


def _package() -> dict[str, str]:
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{style}"><w:name w:val="{name}"/><w:rPr>{look}</w:rPr></w:style>'
        for style, (name, look) in _STYLES.items()
    )
    return {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_WORD_TYPE}.document.main+xml"/>'
        f'<Override PartName="/word/styles.xml" ContentType="{_WORD_TYPE}.styles+xml"/></Types>',
        "_rels/.rels": _relations("officeDocument", "word/document.xml"),
        "word/_rels/document.xml.rels": _relations("styles", "styles.xml"),
        "word/styles.xml": f'{_HEAD}<w:styles xmlns:w="{_W}">{styles}</w:styles>',
    }


def _relations(kind: str, target: str) -> str:
    relation = f'<Relationship Id="rId1" Type="{_OFFICE}/{kind}" Target="{target}"/>'
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{relation}</Relationships>'


def _run(run: TextRun, *, deleted: bool = False) -> str:
    tag = "w:delText" if deleted else "w:t"
    look = ("<w:b/>" if run.bold else "") + ("<w:i/>" if run.italic else "")
    inner = {"\n": "<w:br/>", "\t": "<w:tab/>"}
    texts = [
        inner.get(part) or f'<{tag} xml:space="preserve">{escape(part)}</{tag}>'
        for part in _INNER.split(_clean(run.text))
        if part
    ]
    return f"<w:r>{f'<w:rPr>{look}</w:rPr>' if look else ''}{''.join(texts)}</w:r>"


def _clean(text: str) -> str:
    """The text without characters that XML cannot hold."""
    return _NOT_XML.sub("", text)
