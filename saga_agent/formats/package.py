"""Office packages: the parts of a Word file, found by the relations that lead to them and never by their names."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from saga_agent.formats.archive import Archive
from saga_agent.formats.markup import Node, NotWellFormed, attribute, local_name, parse_xml

CONTENT_TYPES = "[Content_Types].xml"
USUAL_MAIN_PART = "word/document.xml"
_MAIN = "wordprocessingml.document.main+xml"
_READING = "Reading .docx"


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation of a part to another one, in the archive or outside of it."""

    id: str
    kind: str
    """The last word of its type, in lower case: `styles`, `afchunk`; the same for strict and transitional files."""
    target: str
    """The name of the part; empty when it lies outside or is no name."""
    outside: str = ""
    """Where it leads, when that is not in the archive."""


class Package:
    """The parts of an office package."""

    def __init__(self, archive: Archive, *, name: str) -> None:
        self._archive = archive
        self._name = name
        self._parts = {member.lower(): member for member in archive.names}

    def __contains__(self, part: str) -> bool:
        return part.lower() in self._parts

    def parts(self) -> tuple[str, ...]:
        """The names of all parts."""
        return self._archive.names

    def main_part(self) -> str | None:
        """The part that holds the document; None when neither a relation nor a content type nor a name tells it."""
        for relation in self.relations(""):
            if relation.kind == "officedocument" and relation.target in self:
                return relation.target if self._is_word(relation.target) else None
        if CONTENT_TYPES in self:
            try:
                types = [*self.parse(CONTENT_TYPES).iter()]
            except NotWellFormed:
                types = []
            for node in types:
                part = node.get("PartName", "").lstrip("/")
                if node.get("ContentType", "").endswith(_MAIN) and part in self:
                    return part
        return USUAL_MAIN_PART if USUAL_MAIN_PART in self else None

    def _is_word(self, part: str) -> bool:
        """Whether the document is one of Word, and not a table or a set of slides."""
        return not part.lower().startswith(("xl/", "ppt/", "visio/"))

    def relations(self, part: str) -> Iterator[Relation]:
        """The relations of a part, of the package itself for `""`; none when they cannot be read."""
        folder, _, file = part.rpartition("/")
        listed = f"{folder}/_rels/{file}.rels".lstrip("/")
        if listed not in self:
            return
        try:
            root = self.parse(listed)
        except NotWellFormed:
            return
        for node in root.iter():
            if local_name(node) == "relationship":
                yield _relation(node, folder)

    def parse(self, part: str, *, mend: bool = False) -> Node:
        """The root of a part; NotWellFormed when it is no XML, or with `mend` when nothing of it can be saved."""
        return parse_xml(self.read(part), part=part, name=self._name, reading=_READING, doctype=False, mend=mend)

    def read(self, part: str) -> bytes:
        """The bytes of a part."""
        return self._archive.read(self._parts[part.lower()])


def _relation(node: Node, folder: str) -> Relation:
    target = node.get("Target", "")
    outside = node.get("TargetMode", "").lower() == "external"
    resolved = "" if outside or target.startswith("#") else _resolved(folder, target)
    kind = node.get("Type", "").rpartition("/")[2].lower()
    return Relation(node.get("Id", "") or attribute(node, "id"), kind, resolved, "" if resolved else target)


def _resolved(folder: str, target: str) -> str:
    path = unquote(target.replace("\\", "/").partition("#")[0])
    joined = posixpath.normpath(posixpath.join("/", folder, path))
    return joined.lstrip("/")
