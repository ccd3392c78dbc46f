"""WordprocessingML: its elements by their local names, the same for transitional and for strict files."""

from __future__ import annotations

from collections.abc import Iterator

from saga_agent.formats.markup import Node

NAMESPACES = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
_PREFIXES = {
    **dict.fromkeys(NAMESPACES, ""),
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc:",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m:",
    "http://purl.oclc.org/ooxml/officeDocument/math": "m:",
    "urn:schemas-microsoft-com:vml": "v:",
    "http://schemas.microsoft.com/office/word/2015/wordml/symex": "symex:",
}
_RELATIONS = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}id",
)
_OFF = ("0", "false", "off", "none")


def word_name(node: Node) -> str:
    """`p`, `r`, `mc:Choice`, `m:t`; the bare tag for elements of other vocabularies, in braces."""
    namespace, _, name = node.tag.removeprefix("{").rpartition("}")
    prefix = _PREFIXES.get(namespace)
    return node.tag if prefix is None else prefix + name


def word_value(node: Node | None, name: str = "val") -> str | None:
    """The attribute of that name, None when it is not there."""
    if node is None:
        return None
    for namespace in NAMESPACES:
        if value := node.get(f"{{{namespace}}}{name}", ""):
            return value
    return None


def relation_id(node: Node) -> str:
    """The relation that the element leads along; empty for none."""
    return next((value for key in _RELATIONS if (value := node.get(key, ""))), "")


def child(node: Node | None, *path: str) -> Node | None:
    """The first element at the end of the path of names."""
    for name in path:
        node = None if node is None else next((each for each in node if word_name(each) == name), None)
    return node


def named(node: Node, *names: str) -> Iterator[Node]:
    """The elements of these names at any depth."""
    return (each for each in node.iter() if word_name(each) in names)


def switch(properties: Node | None, name: str) -> bool | None:
    """Whether the properties set a toggle on or off; None when they do not speak of it."""
    mark = child(properties, name)
    return None if mark is None else word_value(mark) not in _OFF
