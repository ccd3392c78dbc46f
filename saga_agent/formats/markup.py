"""XML and HTML from strangers as trees: no entities, no network, no depth without an end."""

from __future__ import annotations

import codecs
import html.entities
import re
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast
from xml.sax.saxutils import escape

from saga_agent.errors import MissingExtra, UnreadableFile

if TYPE_CHECKING:
    from types import ModuleType

MAX_DEPTH = 200

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DECLARED = re.compile(rb"""(?:encoding|charset)\s*=\s*["']?\s*([A-Za-z][\w.:-]{0,40})""", re.IGNORECASE)
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_ENTITY = re.compile(r"<!ENTITY\s", re.IGNORECASE)
_XML_NAMES = ("amp", "lt", "gt", "quot", "apos")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LATIN = ("iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii")
_SEVEN_BITS = ("iso-2022", "hz", "utf-7")
_HEAD_BYTES = 1024
_TEXT_ALONE = {"remove_comments": True, "remove_pis": True, "huge_tree": True}
"""No limit to the sizes of the parser: the archive bounds them, and what it leaves out it leaves out in silence."""
_SAFE = {**_TEXT_ALONE, "resolve_entities": False, "no_network": True, "load_dtd": False}


class Node(Protocol):
    """An element of a tree; comments and instructions are left out of ours."""

    @property
    def tag(self) -> str: ...

    text: str | None
    tail: str | None

    def append(self, element: Node, /) -> None: ...
    def get(self, key: str, default: str, /) -> str: ...
    def items(self) -> list[tuple[str, str]]: ...
    def iter(self) -> Iterator[Node]: ...
    def itertext(self) -> Iterator[str]: ...
    def getnext(self) -> Node | None: ...
    def getparent(self) -> Node | None: ...
    def __getitem__(self, place: int, /) -> Node: ...
    def __iter__(self) -> Iterator[Node]: ...
    def __len__(self) -> int: ...


class HtmlPage(NamedTuple):
    """A page of HTML, and what had to be assumed to read it."""

    root: Node
    mended: bool = False
    """Whether it is no well-formed XML and was read as browsers read pages."""
    damaged: int = 0
    """Bytes that its encoding does not know, each shown as U+FFFD."""


class NotWellFormed(ValueError):
    """A part that is no XML; its text says where it ends being any."""


def local_name(node: Node) -> str:
    """The tag in lower case without its namespace."""
    return node.tag.rpartition("}")[2].lower()


def attribute(node: Node, name: str) -> str:
    """The value of the attribute of that local name, whatever its namespace or prefix; empty when there is none."""
    for key, value in node.items():
        if key.rpartition("}")[2].rpartition(":")[2].lower() == name:
            return value
    return ""


def plain(node: Node) -> str:
    """All text in the element, on one line."""
    return " ".join("".join(node.itertext()).split())


def parse_xml(data: bytes, *, part: str, name: str, reading: str, mend: bool = False, doctype: bool = True) -> Node:
    """The root of a part of an archive.

    Args:
        data: Its bytes.
        part: Its name.
        name: The archive's.
        reading: What for, for people without the extra.
        mend: Whether to pass over what is not well-formed, as far as there is a root.
        doctype: Whether the part may declare what type of document it is.

    Raises: `NotWellFormed`; `UnreadableFile` when it declares entities or is absurdly deep; `MissingExtra`.
    """
    etree = _etree(reading)
    root, fault = _tree(etree, data, recover=False)
    if root is None and mend:
        root, _ = _tree(etree, data, recover=True)
    if root is None:
        raise NotWellFormed(fault)
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and not doctype:
        raise UnreadableFile(name, f"its part {part!r} declares entities or is not UTF-8, as Word never does")
    if declared is not None and next(iter(declared.iterentities()), None) is not None:
        raise UnreadableFile(name, f"its part {part!r} declares XML entities, as no book needs")
    return _bounded(cast(Node, root), part=part, name=name)


def parse_page(data: bytes, *, part: str, name: str, reading: str) -> HtmlPage:
    """A page of XHTML, or of whatever HTML it is when it is not well-formed; an empty one has an empty root.

    Raises: `UnreadableFile` when it declares entities or is absurdly deep; `MissingExtra`.
    """
    text, damaged = decode_markup(data)
    if _ENTITY.search(text.partition("<html")[0][:10_000]):
        raise UnreadableFile(name, f"its part {part!r} declares XML entities, as no book needs")
    text = _NOT_XML.sub("", _DECLARATION.sub("", text, count=1))
    try:
        strict = "<?xml version='1.0' encoding='utf-8'?>" + _NAMED.sub(_numeric, text).lstrip()
        return HtmlPage(parse_xml(strict.encode(), part=part, name=name, reading=reading), damaged=damaged)
    except NotWellFormed:
        etree = _etree(reading)
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, **_TEXT_ALONE)
    root = etree.fromstring(text.encode() if text.strip() else b"<html></html>", parser)
    root = etree.fromstring(b"<html></html>", parser) if root is None else root
    return HtmlPage(_bounded(cast(Node, root), part=part, name=name), mended=bool(text.strip()), damaged=damaged)


def decode_markup(data: bytes) -> tuple[str, int]:
    """The text of a page, by its mark, what it declares, or else as UTF-8; and how many bytes made no sense."""
    declared = _DECLARED.search(data[:_HEAD_BYTES])
    named = declared[1].decode("ascii") if declared else ""
    marked = [encoding for mark, encoding in _BOMS if data.startswith(mark)]
    if data[:1] == b"<" and data[1:2] == b"\0":
        marked.append("utf-16-le")
    if named.lower().startswith(_SEVEN_BITS):
        marked.append(named)
    # UTF-8 before what is declared: hardly anything else is valid UTF-8, and files converted later keep their old word.
    for encoding in (*marked, "utf-8", "cp1252" if named.lower() in _LATIN else named):
        try:
            return data.decode(encoding).removeprefix("\ufeff"), 0
        except (UnicodeDecodeError, LookupError):
            continue
    text = data.decode("utf-8", errors="replace")
    return text, text.count("\ufffd")


def _tree(etree: ModuleType, data: bytes, *, recover: bool) -> tuple[Any, str]:
    parser = etree.XMLParser(**_SAFE, recover=recover)
    try:
        return etree.fromstring(data, parser), ""
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        return None, str(error)


def _numeric(match: re.Match[str]) -> str:
    """A named character of HTML as itself: XML knows only five by name."""
    if match[1] in _XML_NAMES:
        return match[0]
    characters = html.entities.html5.get(f"{match[1]};")
    return escape(characters or match[0])  # an unknown one is shown as written, as browsers do


def _bounded(root: Node, *, part: str, name: str) -> Node:
    level = [root]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in node]
    if level:
        raise UnreadableFile(name, f"its part {part!r} is nested more than {MAX_DEPTH} elements deep")
    return root


def _etree(reading: str) -> ModuleType:
    try:
        return import_module("lxml.etree")  # an optional extra
    except ImportError as error:
        raise MissingExtra(reading, "documents") from error
