"""Notes of a vault: Markdown under YAML front matter, and what Obsidian reads in them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import Field, JsonValue

from saga_agent.domain.record import JsonObject, Model
from saga_agent.errors import UnreadableFile
from saga_agent.formats.front_matter import change_yaml, read_yaml

__all__ = ["Link", "Note", "edit_note", "parse_note", "write_note"]

_HEADER = re.compile(r"(?P<open>\ufeff?---[ \t]*\r?\n)(?P<yaml>(?:.*\n)*?)(?P<close>---[ \t]*\r?(?:\n|\Z))")
_LINK = re.compile(
    r"(?P<embed>!?)\[\[(?P<target>[^\[\]|#\n]*)(?:#(?P<heading>[^\[\]|\n]*))?(?:\|(?P<shown>[^\[\]\n]*))?\]\]"
)
_TAG = re.compile(r"(?<!\S)#(?P<tag>[\w/-]*[^\W\d][\w/-]*)")
_FENCE = re.compile(r"^[ \t]*(?P<fence>`{3,}|~{3,})")
_CODE = re.compile(r"`[^`\n]*`")


class Link(Model):
    """A link to another note, `[[target#heading|shown]]`."""

    target: str
    """Empty for a link within the note."""
    heading: str = ""
    shown: str = ""
    embedded: bool = False


class Note(Model):
    """One note; `header` and `body` together are the file."""

    path: str
    """Within the vault, with `/`."""
    header: str = ""
    """The front matter as written, its fences and a byte order mark with it."""
    body: str = ""
    properties: JsonObject = Field(default_factory=dict[str, JsonValue])
    """The front matter as data; dates as text."""
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    """From the front matter and the text, without `#`."""
    links: tuple[Link, ...] = ()
    """From the front matter and the text, in order; code aside."""
    lost: tuple[str, ...] = ()
    """What could not be understood, one sentence each; it stays in the file."""

    @property
    def title(self) -> str:
        """The name by which links call it."""
        return self.path.rpartition("/")[2].removesuffix(".md")


def parse_note(data: bytes, *, path: str) -> Note:
    """The note in the bytes of a Markdown file; UnreadableFile when they or its name are not UTF-8."""
    try:
        path.encode()
        text = data.decode("utf-8")
    except UnicodeError:
        raise UnreadableFile(path, "it or its name is not UTF-8; save it as UTF-8") from None
    match = _HEADER.match(text)
    header = match[0] if match else ""
    return _note(path, header, text[len(header) :], match["yaml"] if match else "")


def write_note(note: Note) -> bytes:
    """The note as a file; of an unchanged note the bytes that were read."""
    return (note.header + note.body).encode()


def edit_note(note: Note, *, properties: Mapping[str, JsonValue] | None = None, body: str | None = None) -> Note:
    """The note with these properties set, None taking one away, and this body; the rest of the file stays as written.

    Raises: `InvalidInput` when its front matter is not understood or cannot be changed line by line.
    """
    header, match = note.header, _HEADER.match(note.header)
    if properties:
        newline = "\r\n" if "\r\n" in (note.header or note.body) else "\n"
        yaml = change_yaml(match["yaml"] if match else "", properties, newline=newline, path=note.path)
        opening, closing = (match["open"], match["close"]) if match else (f"---{newline}", f"---{newline}")
        header = opening + yaml + closing
    return parse_note((header + (note.body if body is None else body)).encode(), path=note.path)


def _note(path: str, header: str, body: str, yaml: str) -> Note:
    front = read_yaml(yaml)
    prose = _without_code(body)
    values = "\n".join(text for value in front.properties.values() for text in _texts(value))
    links = [*_LINK.finditer(values), *_LINK.finditer(prose)]
    tags = [*_words(front.properties, "tags"), *_words(front.properties, "tag"), *_TAG.findall(prose)]
    return Note(
        path=path,
        header=header,
        body=body,
        properties=front.properties,
        aliases=tuple(dict.fromkeys(_texts(front.properties.get("aliases") or front.properties.get("alias")))),
        tags=tuple(dict.fromkeys(tag.removeprefix("#") for tag in tags)),
        links=tuple(
            Link(
                target=link["target"].strip(),
                heading=(link["heading"] or "").strip(),
                shown=(link["shown"] or "").strip(),
                embedded=bool(link["embed"]),
            )
            for link in links
        ),
        lost=front.lost,
    )


def _words(properties: JsonObject, key: str) -> list[str]:
    return [word for text in _texts(properties.get(key)) for word in text.replace(",", " ").split()]


def _texts(value: JsonValue) -> list[str]:
    """The strings in a property, whether one or a list."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]


def _without_code(body: str) -> str:
    """The text less fenced and inline code, where links and tags mean nothing."""
    kept: list[str] = []
    fence = ""
    for line in body.split("\n"):
        match = _FENCE.match(line)
        if fence:
            fence = "" if match and match["fence"].startswith(fence) else fence
        elif match:
            fence = match["fence"]
        else:
            kept.append(_CODE.sub("", line))
    return "\n".join(kept)
