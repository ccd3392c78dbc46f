"""EPUB 3 books, written: one page a chapter, a table of contents, nothing else."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from xml.sax.saxutils import escape

from saga_agent.formats.archive import write_archive
from saga_agent.formats.blocks import is_markdown_heading
from saga_agent.formats.book import ChapterKind
from saga_agent.formats.book_text import Section, explicit_section, is_literal, split_label
from saga_agent.formats.emphasis import TextRun, runs_of

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_XHTML = 'xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"'
_CONTAINER = (
    f'{_HEAD}<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile '
    'full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
_TYPES: dict[ChapterKind, str] = {"chapter": "chapter", "part": "part", "front": "frontmatter", "back": "backmatter"}
_BLANKS = re.compile(r"^ |  |\t| $", re.MULTILINE)
"""Blanks that browsers run together."""
_NO_DATE = "1980-01-01T00:00:00Z"  # the bytes must not depend on the day


def write_epub(title: str, sections: Sequence[Section], *, language: str = "en") -> bytes:
    """The book as an EPUB file; the same book gives the same bytes."""
    pages = {f"chapter{number}.xhtml": section for number, section in enumerate(sections, start=1)}
    members = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": _CONTAINER,
        "OEBPS/book.opf": _package(title, tuple(pages), language),
        "OEBPS/nav.xhtml": _page(title, _contents(pages)),
        **{f"OEBPS/{name}": _page(section.heading, _chapter(section)) for name, section in pages.items()},
    }
    return write_archive({name: text.encode() for name, text in members.items()}, stored=("mimetype",))


def _package(title: str, pages: tuple[str, ...], language: str) -> str:
    book_id = hashlib.sha256("\n".join((title, language, *pages)).encode(errors="replace")).hexdigest()[:32]
    items = "".join(
        f'<item id="p{n}" href="{page}" media-type="application/xhtml+xml"/>' for n, page in enumerate(pages)
    )
    spine = "".join(f'<itemref idref="p{n}"/>' for n in range(len(pages)))
    return (
        f'{_HEAD}<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">{book_id}</dc:identifier><dc:title>{_text(title)}</dc:title>'
        f'<dc:language>{_text(language)}</dc:language><meta property="dcterms:modified">{_NO_DATE}</meta></metadata>'
        '<manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        f"{items}</manifest><spine>{spine}</spine></package>"
    )


def _contents(pages: dict[str, Section]) -> str:
    links = "".join(f'<li><a href="{name}">{_text(section.heading)}</a></li>' for name, section in pages.items())
    return f'<nav epub:type="toc"><ol>{links}</ol></nav>'


def _page(title: str, body: str) -> str:
    return f"{_HEAD}<html {_XHTML}><head><title>{_text(title)}</title></head><body>{body}</body></html>"


def _chapter(section: Section) -> str:
    """A chapter; attributes of its heading tell our reader what it begins."""
    kind, number = explicit_section(section)
    label, title = split_label(section)
    counted = "" if number is None else f' data-saga-number="{number}"'
    shown = f"<span>{_text(label)}</span>" if label else ""
    heading = f'<h1 data-saga-kind="{kind}"{counted}>{shown}{_text(title)}</h1>'
    paragraphs = section.text.replace("\n\n\n", "\n\n\n\n").split("\n\n") if section.text else []
    return f'<section epub:type="{_TYPES[kind]}">{heading}{"".join(map(_paragraph, paragraphs))}</section>'


def _paragraph(text: str) -> str:
    level = len(text) - len(text.lstrip("#"))
    kept = ' style="white-space: pre-wrap"' if _BLANKS.search(text) else ""
    if is_markdown_heading(text):
        return f"<h{level}{kept}>{_inline(text[level:].strip(' '))}</h{level}>"
    literal = ' data-saga-text=""' if is_literal(text) else ""
    return f"<p{kept}{literal}>{_inline(text)}</p>"


def _inline(text: str) -> str:
    return "<br/>".join("".join(map(_run, runs_of(line))) for line in text.split("\n"))


def _run(run: TextRun) -> str:
    text = _text(run.text)
    text = f"<em>{text}</em>" if run.italic else text
    return f"<strong>{text}</strong>" if run.bold else text


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("", text))
