"""Documents set in a Word document by `w:altChunk`: HTML, web archives and plain text, read into its text."""

from __future__ import annotations

import email
from email.message import Message

from saga_agent.formats.blocks import clean, split_blocks
from saga_agent.formats.body import paragraphs_of
from saga_agent.formats.markup import decode_markup, local_name, parse_page
from saga_agent.formats.richtext import RichWriter
from saga_agent.formats.xhtml import XhtmlReader

_NO_TEXT = (b"{\\rtf", b"\xd0\xcf\x11\xe0", b"%PDF", b"PK")
_HEAD_BYTES = 4000


def read_chunk(data: bytes, out: RichWriter, *, part: str, name: str) -> bool:
    """Reads the chunk into the writer; whether it is of a kind that has text for us."""
    if data.startswith(_NO_TEXT):
        return False
    head = data[:_HEAD_BYTES].lower()
    if b"mime-version:" in head and b"content-type:" in head:
        return _read_web_archive(data, out, part=part, name=name)
    if part.lower().endswith((".html", ".htm", ".xhtml", ".xht")) or b"<html" in head or b"<body" in head:
        _read_page(data, out, part=part, name=name)
    else:
        text = clean(decode_markup(data)[0])
        out.tell_added(text)
        for block in split_blocks(text, markdown=False):
            for paragraph in paragraphs_of(block):
                out.add(paragraph)
                out.end_paragraph()
    return True


def _read_page(data: bytes, out: RichWriter, *, part: str, name: str) -> None:
    page = parse_page(data, part=part, name=name, reading="Reading .docx")
    body = next((node for node in page.root.iter() if local_name(node) == "body"), page.root)
    XhtmlReader(out).read(body)
    out.end_block()


def _read_web_archive(data: bytes, out: RichWriter, *, part: str, name: str) -> bool:
    for each in email.message_from_bytes(data).walk():
        content = each.get_payload(decode=True) if each.get_content_type() in ("text/html", "text/plain") else None
        if isinstance(content, bytes):
            inner = RichWriter()
            if each.get_content_type() == "text/html":
                _read_page(_declared(each, content), inner, part=part, name=name)
            else:
                read_chunk(content, inner, part="text", name=name)
            inner.end_block()
            out.take_over(inner)
            return True
    return False


def _declared(part: Message, content: bytes) -> bytes:
    """The page with the encoding that its envelope names, as its own mark."""
    charset = part.get_content_charset()
    try:
        return content.decode(charset).encode() if charset else content
    except (UnicodeDecodeError, LookupError):
        return content
