"""The source, counted by a reader that knows nothing of books: every text node of a document, every byte of a text.

It knows no chapters, no notes and nothing hidden: whatever has letters counts, so that an import has to answer for it.
"""

from __future__ import annotations

import codecs
import contextlib
import html
import io
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from xml.parsers import expat

from saga_agent.conservation.tally import Tally, tally_text, tally_texts

_ZIP = b"PK\x03\x04"
_UNSEEN = ("head", "script", "style")
_INLINE = frozenset(
    """
    a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd mark q s samp small span strike strong sub sup tt
    u var wbr
    """.split()  # noqa: SIM905 - a list of 30 literals is no better to read
)
_WORD_TEXT = ("t", "delText")
_WORD_SPACE = "wordprocessingml"
_WORD_PARTS = ("p", "br", "cr", "tab", "tc")
_SAID = re.compile(rb"""(?:encoding|charset)\s*=\s*["']?\s*([A-Za-z][\w.:-]{0,40})""", re.IGNORECASE)
_HEAD_BYTES = 1024
_TEXT_ELEMENT = re.compile(rb"<\w+:(?:t|delText)(?:\s[^>]*)?>([^<]*)<")
_TEMPLATES = "glossary/"
"""Word's store of building blocks, which are no text of the document."""


def count_source(data: bytes, *, encoding: str | None = None) -> Tally:
    """The tally of a file that has been found readable.

    Args:
        data: Its bytes.
        encoding: How a text file is encoded; Word and EPUB files say it themselves. What does not fit counts nothing.

    A zip archive counts by its members: the `w:t` and `w:delText` of WordprocessingML, and the text of HTML pages
    outside of head, script and style. A damaged member counts nothing.
    """
    if data.startswith(_ZIP):
        return tally_texts(_member_texts(data))
    return tally_text(data.decode(encoding or "utf-8", errors="replace"))


def _member_texts(data: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            try:
                content = archive.read(name)
            except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError):
                continue
            yield _member_text(name, content)


def _member_text(name: str, content: bytes) -> str:
    head = content[:2000].lower()
    if name.lower().endswith((".xhtml", ".html", ".htm")) or b"<html" in head:
        return _html_text(content)
    if _WORD_SPACE.encode() in head and _TEMPLATES not in name:
        return _word_text(content)
    return ""


def _word_text(content: bytes) -> str:
    pieces: list[str] = []
    depth = 0

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        space, _, local = name.rpartition(" ")
        depth += local in _WORD_TEXT and _WORD_SPACE in space

    def end(name: str) -> None:
        nonlocal depth
        space, _, local = name.rpartition(" ")
        depth -= local in _WORD_TEXT and _WORD_SPACE in space
        if local in _WORD_PARTS:
            pieces.append("\n")

    def text(data: str) -> None:
        if depth:
            pieces.append(data)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = begin, end, text
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError):
        after = content[max(parser.ErrorByteIndex, 0) :]  # what stood before the damage counts, and what looks alike
        pieces += ["\n", *(html.unescape(each.decode("utf-8", "replace")) for each in _TEXT_ELEMENT.findall(after))]
    return "".join(pieces)


def _html_text(content: bytes) -> str:
    counter = _Html()
    counter.feed(content.decode(_declared(content), errors="replace"))
    counter.close()
    return "".join(counter.pieces)


def _declared(content: bytes) -> str:
    """The encoding of a page: its byte order mark, else UTF-8 where it is that, else what the page says."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    said = _SAID.search(content[:_HEAD_BYTES])
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        with contextlib.suppress(LookupError):
            return codecs.lookup(said[1].decode("ascii")).name if said else "utf-8"
    return "utf-8-sig"


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in _UNSEEN
        self._part(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._part(tag)

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN and self._unseen > 0
        self._part(tag)

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(data)

    def _part(self, tag: str) -> None:
        if tag not in _INLINE:
            self.pieces.append("\n")
