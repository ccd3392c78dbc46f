"""The table of contents of an EPUB book: its titles, how deep they are, and the places they lead to."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from saga_agent.formats.markup import Node, attribute, local_name, plain
from saga_agent.formats.semantics import types_of


@dataclass(frozen=True, slots=True)
class Target:
    """An entry of a table of contents."""

    title: str
    depth: int
    """From 1."""
    path: str
    """The file in the archive."""
    anchor: str
    """The id of the element; empty for the file as a whole."""


def resolved(base: str, link: str) -> str:
    """The path in the archive that a link in the file `base` leads to, without its fragment."""
    path = unquote(link.replace("\\", "/").partition("#")[0].partition("?")[0])
    if not path:
        return base
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(base), path)).lstrip("/")


def read_nav(root: Node, path: str) -> list[Target]:
    """The entries of a navigation page of EPUB 3: of its table of contents, or of all its links when it names none."""
    pages = [node for node in root.iter() if local_name(node) == "nav"]
    tables = [node for node in pages if "toc" in types_of(node)]
    wanted = tables or [node for node in pages if not types_of(node) & {"landmarks", "page-list"}] or [root]
    return [target for node in wanted for target in _links(node, path, 0)]


def read_ncx(root: Node, path: str) -> list[Target]:
    """The entries of the table of contents of EPUB 2."""
    return [target for node in root if local_name(node) == "navmap" for target in _points(node, path, 1)]


def read_landmarks(root: Node, path: str) -> dict[str, set[str]]:
    """What the landmarks of a navigation page, or the guide of a package, say that files are."""
    found: dict[str, set[str]] = {}
    for node in root.iter():
        tag = local_name(node)
        if tag == "reference":
            found.setdefault(resolved(path, node.get("href", "")), set()).update(types_of(node))
        elif tag == "nav" and "landmarks" in types_of(node):
            for link in node.iter():
                if local_name(link) == "a":
                    found.setdefault(resolved(path, link.get("href", "")), set()).update(types_of(link))
    return found


def _links(node: Node, path: str, depth: int) -> Iterator[Target]:
    if local_name(node) == "a":
        if attribute(node, "href") and plain(node):
            yield _target(plain(node), max(depth, 1), path, attribute(node, "href"))
        return
    deeper = depth + (local_name(node) in ("ol", "ul"))
    for child in node:
        yield from _links(child, path, deeper)


def _points(node: Node, path: str, depth: int) -> Iterator[Target]:
    for point in node:
        if local_name(point) != "navpoint":
            continue
        parts = {local_name(each): each for each in point}
        if "content" in parts and "navlabel" in parts and (title := plain(parts["navlabel"])):
            yield _target(title, depth, path, parts["content"].get("src", ""))
        yield from _points(point, path, depth + 1)


def _target(title: str, depth: int, path: str, link: str) -> Target:
    return Target(title, depth, resolved(path, link), unquote(urlsplit(link).fragment))
