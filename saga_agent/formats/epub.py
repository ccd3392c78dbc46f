"""EPUB books as rich text: the pages in the order of the spine, divided and titled by the table of contents."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from urllib.parse import unquote

from saga_agent.errors import UnreadableFile
from saga_agent.formats.archive import Archive
from saga_agent.formats.epub_navigation import Target, read_landmarks, read_nav, read_ncx, resolved
from saga_agent.formats.markup import Node, NotWellFormed, local_name, parse_page, parse_xml, plain
from saga_agent.formats.richtext import Matter, RichText, RichWriter
from saga_agent.formats.semantics import matter_of, types_of
from saga_agent.formats.xhtml import ContentsEntry, Guide, XhtmlReader, heading_level, is_heading, paragraphs_text

CONTAINER = "META-INF/container.xml"
MIMETYPE = "mimetype"

_ENCRYPTION = "META-INF/encryption.xml"
_PROTECTED = "it is protected against copying (DRM); use a copy without protection"
_READING = "Reading .epub"
_PAGE_TYPES = ("application/xhtml+xml", "text/html", "application/xml", "text/x-oeb1-document", "text/xml")
_PAGE_SUFFIXES = (".xhtml", ".html", ".htm", ".xht")
_NCX = "application/x-dtbncx+xml"
_HIDDEN_RULE = re.compile(r"([^{}]*)\{[^{}]*(?:display\s*:\s*none|visibility\s*:\s*hidden)[^{}]*\}", re.IGNORECASE)
_ONE_CLASS = re.compile(r"\s*[a-z0-9]*\.([\w-]+)\s*", re.IGNORECASE)
_MEDIA = re.compile(r"@[^{;]*(?:\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}|;)|/\*.*?\*/", re.DOTALL)
_WORDS_BEFORE_A_HEADING = 60


def is_epub(archive: Archive) -> bool:
    """Whether the archive holds a book, by its container, its mimetype or its package."""
    if CONTAINER in archive or any(name.lower().endswith(".opf") for name in archive.names):
        return True
    return MIMETYPE in archive and archive.read(MIMETYPE).strip() == b"application/epub+zip"


def read_epub(archive: Archive, *, name: str) -> RichText:
    """The book's text.

    Raises: `UnreadableFile` for a damaged, protected or hostile file, `MissingExtra` without the extra `documents`.
    """
    return _EpubReader(archive, name).read()


@dataclass(frozen=True, slots=True)
class _ManifestItem:
    """A file of the book as its manifest lists it."""

    path: str
    media_type: str
    properties: tuple[str, ...]

    @property
    def is_page(self) -> bool:
        return self.media_type in _PAGE_TYPES or (
            self.path.lower().endswith(_PAGE_SUFFIXES) and self.media_type != _NCX
        )


class _EpubReader:
    def __init__(self, archive: Archive, name: str) -> None:
        self._archive = archive
        self._name = name
        self._out = RichWriter()
        self._members = {member.replace("\\", "/").lstrip("/").lower(): member for member in archive.names}
        self._pages: dict[str, Node | None] = {}
        self._mended: list[str] = []
        self._package_path = self._find_package()
        self._package = self._parse(self._package_path)
        self._items = {node.get("id", ""): self._item(node) for node in _all(self._package, "item")}

    def read(self) -> RichText:
        spine = self._spine()
        self._refuse_protected(spine)
        missing = [path for path in spine if path.lower() not in self._members]
        pages = [path for path in spine if path.lower() in self._members]
        targets = self._targets()
        landmarks = self._landmarks()
        guides = self._guides(pages, targets, landmarks)
        navigation = self._navigation_pages()
        for path in pages:
            body = self._page(path)
            if body is None:
                continue
            if path in navigation or "toc" in landmarks.get(path, set()):
                self._out.set_aside("contents", paragraphs_text(body), path)
            else:
                XhtmlReader(self._out, guides[path]).read_page(body)
        self._tell_unread({path.lower() for path in pages}, navigation)
        self._tell_mended()
        title = next((text for node in _all(self._package, "title") if (text := plain(node))), "")
        warnings = (f"{len(missing)} part(s) of the book are missing, the first is {missing[0]!r}.",) if missing else ()
        return self._out.finish(title=title, warnings=warnings)

    # The package

    def _find_package(self) -> str:
        if CONTAINER.lower() in self._members:
            for node in _all(self._parse(CONTAINER), "rootfile"):
                path = resolved("", node.get("full-path", "")) if node.get("full-path", "") else ""
                if path.lower() in self._members:
                    return path
        for path in self._members:
            if path.endswith(".opf"):
                return path
        raise UnreadableFile(self._name, "its container names no book")

    def _item(self, node: Node) -> _ManifestItem:
        path = resolved(self._package_path, node.get("href", ""))
        return _ManifestItem(path, node.get("media-type", "").lower(), tuple(node.get("properties", "").split()))

    def _spine(self) -> list[str]:
        """The paths of the pages in the order of reading; in the order of the manifest when there is none."""
        refs = [node.get("idref", "") for node in _all(self._package, "itemref")]
        items = [self._items[ref] for ref in refs if ref in self._items]
        unknown = len(refs) - len(items)
        if unknown:
            self._out.warn(f"{unknown} part(s) in the order of reading are not in the book's list of files.")
        pages = [item.path for item in items if item.is_page]
        if not pages:
            pages = [item.path for item in self._items.values() if item.is_page and "nav" not in item.properties]
            if pages:
                self._out.warn("The book gives no order of reading; its pages were read as it lists them.")
        return list(dict.fromkeys(pages))

    def _refuse_protected(self, pages: list[str]) -> None:
        if _ENCRYPTION.lower() not in self._members:
            return
        locked = {unquote(node.get("URI", "")) for node in _all(self._parse(_ENCRYPTION), "cipherreference")}
        if not {path.lower().lstrip("/") for path in locked}.isdisjoint(path.lower() for path in pages):
            raise UnreadableFile(self._name, _PROTECTED)

    # The table of contents

    def _navigation_pages(self) -> set[str]:
        return {item.path for item in self._items.values() if "nav" in item.properties}

    def _targets(self) -> list[Target]:
        """The entries of the table of contents, of EPUB 3 or else of EPUB 2."""
        for path in self._navigation_pages():
            body = self._page(path)
            if body is not None and (targets := read_nav(body, path)):
                return targets
        for item in self._items.values():
            is_table = item.media_type == _NCX or item.path.lower().endswith(".ncx")
            if is_table and item.path.lower() in self._members:
                try:
                    return read_ncx(self._parse(item.path), item.path)
                except UnreadableFile:
                    self._out.warn(f"The table of contents {item.path!r} is damaged and was not read.")
        return []

    def _landmarks(self) -> dict[str, set[str]]:
        found = read_landmarks(self._package, self._package_path)
        for path in self._navigation_pages():
            body = self._page(path)
            if body is not None:
                for target, types in read_landmarks(body, path).items():
                    found.setdefault(target, set()).update(types)
        return found

    def _guides(self, pages: list[str], targets: list[Target], landmarks: dict[str, set[str]]) -> dict[str, Guide]:
        """What each page is to know of the table of contents."""
        by_page: dict[str, list[Target]] = defaultdict(list)
        paths = {path.lower(): path for path in pages}
        for target in targets:
            if (path := paths.get(target.path.lower())) is not None:
                by_page[path].append(target)
        levels: dict[int, Counter[int]] = defaultdict(Counter)
        due: dict[str, list[Target]] = {}
        for path, found in by_page.items():
            body = self._page(path)
            due[path] = _without_heading(body, found, levels) if body is not None else []
        deep = {depth: max(seen.items(), key=lambda pair: (pair[1], -pair[0]))[0] for depth, seen in levels.items()}
        hidden = self._hidden_classes()
        guides: dict[str, Guide] = {}
        for path in pages:
            entries: dict[str, list[ContentsEntry]] = defaultdict(list)
            for target in due.get(path, ()):
                entries[target.anchor].append(ContentsEntry(target.title, _level_of(target.depth, deep)))
            guides[path] = Guide(entries, self._matter(path, landmarks.get(path, set())), hidden)
        return guides

    def _matter(self, path: str, types: set[str]) -> tuple[Matter, str] | None:
        body = self._page(path)
        if body is None or any(matter_of(types_of(node)) for node in body.iter() if local_name(node) != "a"):
            return None  # the page says it itself
        return matter_of(types)

    # Pages

    def _page(self, path: str) -> Node | None:
        """The body of a page; None for one that has none."""
        if path not in self._pages:
            member = self._members.get(path.lower())
            if member is None:
                return None
            page = parse_page(self._archive.read(member), part=path, name=self._name, reading=_READING)
            if page.mended:
                self._mended.append(path)
            if page.damaged:
                self._out.warn(f"{page.damaged} character(s) of {path!r} are damaged and shown as \ufffd.")
            bodies = _all(page.root, "body")
            self._pages[path] = _whole_body(page.root, bodies[0]) if bodies else page.root
        return self._pages[path]

    def _hidden_classes(self) -> frozenset[str]:
        """The classes that a style sheet of the book hides, whatever they are set on."""
        found: set[str] = set()
        for path, member in self._members.items():
            if path.endswith(".css"):
                sheet = _MEDIA.sub("", self._archive.read(member).decode("utf-8", errors="replace"))
                for rule in _HIDDEN_RULE.finditer(sheet):
                    found |= {match[1] for part in rule[1].split(",") if (match := _ONE_CLASS.fullmatch(part))}
        return frozenset(found)

    def _tell_unread(self, read: set[str], navigation: set[str]) -> None:
        """Tells of pages that the order of reading leaves out."""
        listed = {item.path.lower() for item in self._items.values() if item.is_page}
        for path in sorted(self._members):
            if path in read or not (path in listed or path.endswith(_PAGE_SUFFIXES)):
                continue
            body = self._page(path)
            if body is not None:
                is_contents = path in {each.lower() for each in navigation}
                self._out.set_aside("contents" if is_contents else "unread pages", paragraphs_text(body), path)

    def _tell_mended(self) -> None:
        if self._mended:
            first = self._mended[0]
            self._out.warn(
                f"{len(self._mended)} page(s) are no well-formed XHTML and were read as browsers do, the first is"
                f" {first!r}."
            )

    def _parse(self, path: str) -> Node:
        """The root of a part of the package; small faults in it are passed over."""
        data = self._archive.read(self._members.get(path.lower(), path))
        try:
            return parse_xml(data, part=path, name=self._name, reading=_READING, mend=True)
        except NotWellFormed as error:
            raise UnreadableFile(self._name, f"its part {path!r} is not well-formed XML ({error})") from None


def _whole_body(root: Node, body: Node) -> Node:
    """The body with what strays beside it: text right in the page, and a second body."""
    if body.getparent() is root:
        stray = "".join(text for text in (root.text, *(child.tail for child in root)) if text and text.strip())
        body.text = f"{stray} {body.text or ''}" if stray else body.text
        for other in [child for child in root if local_name(child) not in ("head", "body")] + _all(root, "body")[1:]:
            if other.getparent() is root:
                other.tail = None
                body.append(other)
    return body


def _without_heading(body: Node, entries: list[Target], levels: dict[int, Counter[int]]) -> list[Target]:
    """The entries whose places have no heading soon after; the levels of the headings of all others are counted."""
    waiting: list[Target] = [entry for entry in entries if not entry.anchor]
    by_anchor: dict[str, list[Target]] = defaultdict(list)
    for entry in entries:
        if entry.anchor:
            by_anchor[entry.anchor].append(entry)
    lone: list[Target] = []
    words = 0
    for node in body.iter():
        for key in dict.fromkeys((node.get("id", ""), node.get("name", "") if local_name(node) == "a" else "")):
            if key and key in by_anchor:
                lone += waiting if words or (waiting and not _nests(waiting, by_anchor[key])) else []
                waiting = [*(() if words else waiting if _nests(waiting, by_anchor[key]) else ()), *by_anchor.pop(key)]
                words = 0
        if waiting and is_heading(node):
            *above, last = waiting
            lone += above
            levels[last.depth][heading_level(node)] += 1
            waiting, words = [], 0
        words += len((node.text or "").split()) + len((node.tail or "").split())
        if waiting and words > _WORDS_BEFORE_A_HEADING:
            lone += waiting
            waiting, words = [], 0
    lone += waiting
    # An anchor that is nowhere in the page: the entry still names the page when it is the only one.
    lost = [entry for group in by_anchor.values() for entry in group]
    if lost and len(entries) == len(lost) == 1:
        lone += [Target(lost[0].title, lost[0].depth, lost[0].path, "")] if not _has_any_heading(body) else []
    return lone


def _nests(above: list[Target], below: list[Target]) -> bool:
    return bool(above) and above[-1].depth < below[0].depth


def _has_any_heading(body: Node) -> bool:
    return any(is_heading(node) for node in body.iter())


def _level_of(depth: int, known: dict[int, int]) -> int:
    """The level of headings for entries of a depth, by what the headings of other entries have."""
    if depth in known:
        return known[depth]
    nearest = min(known, key=lambda each: abs(each - depth), default=depth)
    return min(max(known.get(nearest, depth) + depth - nearest, 1), 6)


def _all(element: Node, name: str) -> list[Node]:
    return [node for node in element.iter() if local_name(node) == name]
