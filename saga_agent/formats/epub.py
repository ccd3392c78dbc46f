"""EPUB books as rich text: the chapters in the order of the spine, titled by the navigation where they have none."""

from __future__ import annotations

import html.entities
import posixpath
import re
from dataclasses import dataclass
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from saga_agent.errors import MissingExtra, UnreadableFile
from saga_agent.formats.archive import Archive
from saga_agent.formats.richtext import RichText, RichWriter
from saga_agent.formats.xhtml import XhtmlReader, has_heading, local_name

CONTAINER = "META-INF/container.xml"
MAX_DEPTH = 200

_ENCRYPTION = "META-INF/encryption.xml"
_CHAPTER_TYPES = ("application/xhtml+xml", "text/html", "application/xml", "text/x-oeb1-document")
_NAMED = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,31});")
_XML_NAMES = (b"amp", b"lt", b"gt", b"quot", b"apos")


def read_epub(archive: Archive, *, name: str) -> RichText:
    """The book's text.

    Raises: `UnreadableFile` for a damaged, protected or hostile file, `MissingExtra` without the extra `documents`.
    """
    return _Reader(archive, name).read()


@dataclass(frozen=True, slots=True)
class _Item:
    """A file of the book as its manifest lists it."""

    path: str
    media_type: str
    properties: str


class _Reader:
    def __init__(self, archive: Archive, name: str) -> None:
        self._archive = archive
        self._name = name
        self._out = RichWriter()
        self._titles: dict[str, str] = {}
        package_path = self._package_path()
        self._package = self._parse(package_path)
        self._items = {
            node.get("id", ""): _Item(
                _resolved(package_path, node.get("href", "")), node.get("media-type", ""), node.get("properties", "")
            )
            for node in _all(self._package, "item")
        }

    def read(self) -> RichText:
        chapters = self._chapters()
        self._refuse_protected(chapters)
        self._read_titles()
        missing = [path for path in chapters if path not in self._archive]
        for path in chapters:
            if path in self._archive:
                self._read_chapter(path)
        title = next((text for node in _all(self._package, "title") if (text := _plain(node))), "")
        warnings = (f"{len(missing)} part(s) of the book are missing, the first is {missing[0]!r}.",) if missing else ()
        return self._out.finish(title=title, warnings=warnings)

    def _package_path(self) -> str:
        for node in _all(self._parse(CONTAINER), "rootfile"):
            if path := node.get("full-path"):
                return path
        raise UnreadableFile(self._name, "its container names no book")

    def _chapters(self) -> list[str]:
        """The paths in the order of reading, the page of contents aside."""
        items = [
            self._items[ref] for node in _all(self._package, "itemref") if (ref := node.get("idref")) in self._items
        ]
        chapters = [i.path for i in items if i.media_type in _CHAPTER_TYPES and "nav" not in i.properties.split()]
        return list(dict.fromkeys(chapters))

    def _refuse_protected(self, chapters: list[str]) -> None:
        if _ENCRYPTION in self._archive:
            locked = {unquote(node.get("URI", "")) for node in _all(self._parse(_ENCRYPTION), "cipherreference")}
            if not locked.isdisjoint(chapters):
                raise UnreadableFile(self._name, "it is protected against copying (DRM); use a copy without protection")

    def _read_titles(self) -> None:
        """Takes the titles of whole files from the navigation, of EPUB 3 or else of EPUB 2."""
        for item in self._items.values():
            if item.path not in self._archive:
                continue
            if "nav" in item.properties.split():
                nav = self._parse(item.path)
                for body in _all(nav, "body"):
                    self._out.set_aside("contents", "\n".join(body.itertext()), place=item.path)
                for link in _all(nav, "a"):
                    self._titles.setdefault(_resolved(item.path, link.get("href", "")), _plain(link))
            elif item.media_type == "application/x-dtbncx+xml":
                for point in _all(self._parse(item.path), "navpoint"):
                    parts = {local_name(node): node for node in point}
                    if "content" in parts and "navlabel" in parts:
                        source = parts["content"].get("src", "")
                        self._titles.setdefault(_resolved(item.path, source), _plain(parts["navlabel"]))

    def _read_chapter(self, path: str) -> None:
        root = self._parse(path)
        body = next(iter(_all(root, "body")), root)
        if not has_heading(body) and _plain(body):
            self._out.tell_added(self._titles.get(path, ""))
            self._out.add(self._titles.get(path, ""))
            self._out.end_heading(1)
        XhtmlReader(self._out).read(body)
        self._out.end_block()

    def _parse(self, path: str) -> Element:
        try:
            from defusedxml.common import DefusedXmlException  # an optional extra
            from defusedxml.ElementTree import ParseError, fromstring
        except ImportError as error:
            raise MissingExtra("Reading .epub", "documents") from error
        content = _NAMED.sub(_numeric, self._archive.read(path))
        try:
            root = fromstring(content, forbid_entities=True, forbid_external=True)
        except DefusedXmlException:
            raise UnreadableFile(self._name, f"its part {path!r} declares XML entities, as no book needs") from None
        except (ParseError, ValueError, LookupError) as error:
            raise UnreadableFile(self._name, f"its part {path!r} is not well-formed XML ({error})") from None
        if _is_deeper(root, MAX_DEPTH):
            raise UnreadableFile(self._name, f"its part {path!r} is nested more than {MAX_DEPTH} elements deep")
        return root


def _all(element: Element, name: str) -> list[Element]:
    return [node for node in element.iter() if local_name(node) == name]


def _is_deeper(root: Element, limit: int) -> bool:
    level = [root]
    for _ in range(limit):
        level = [child for node in level for child in node]
    return bool(level)


def _plain(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _resolved(base: str, link: str) -> str:
    """The path in the archive that a link in the file `base` leads to, without its fragment."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(link.partition("#")[0])))


def _numeric(match: re.Match[bytes]) -> bytes:
    """A named character of HTML by its number: XML knows only five by name."""
    characters = html.entities.html5.get(f"{match[1].decode('ascii')};")
    if match[1] in _XML_NAMES or characters is None:
        return match[0]
    return "".join(f"&#{ord(character)};" for character in characters).encode("ascii")
