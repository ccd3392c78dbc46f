"""Notes of a vault: Markdown under YAML front matter, and what Obsidian reads in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from pydantic import Field, JsonValue

from saga_agent.domain.record import JsonObject, Model
from saga_agent.errors import UnreadableFile
from saga_agent.formats.comments import without_comments
from saga_agent.formats.front_matter import change_yaml, read_yaml

__all__ = ["Link", "Note", "edit_note", "find_links", "find_property", "only_link", "parse_note", "write_note"]

_HEADER = re.compile(r"(?P<open>\ufeff?---[ \t]*\r?\n)(?P<yaml>(?:.*\n)*?)(?P<close>---[ \t]*\r?(?:\n|\Z))")
_LINK = re.compile(
    r"(?P<embed>!?)(?:"
    r"\[\[(?P<target>[^\[\]|#\n]*)(?:#(?P<heading>[^\[\]|\n]*))?(?:\|(?P<shown>[^\[\]\n]*))?\]\]"
    r"|\[(?P<text>[^\[\]\n]{0,500})\]\((?P<href><[^<>\n]{1,1000}>|(?:[^\s()<>]|\([^\s()<>]{0,200}\)){1,1000})"
    r"(?:[ \t]+(?:\"[^\"\n]{0,500}\"|'[^'\n]{0,500}'))?[ \t]*\)"
    r"|^[ ]{0,3}\[(?P<label>[^\[\]\n]{1,500})\]:[ \t]*(?P<definition><[^<>\n]{1,1000}>|[^\s<>]{1,1000})"
    r")",
    re.MULTILINE,
)
"""A link as Obsidian writes it, one as Markdown does, or the definition that Markdown links refer to by a label."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|#?$")
_SUFFIX = re.compile(r"\.(?!md$)[A-Za-z0-9]{1,5}$", re.IGNORECASE)
_TAG = re.compile(r"(?<!\S)#(?P<tag>[\w/-]*[^\W\d][\w/-]*)")
_FENCE = re.compile(r"^[ \t]*(?P<fence>`{3,}|~{3,})")
_CODE = re.compile(r"`[^`\n]*`")


class Link(Model):
    """A link to another note, `[[target#heading|shown]]` or `[shown](target.md#heading)`."""

    target: str
    """Empty for a link within the note."""
    heading: str = ""
    shown: str = ""
    embedded: bool = False
    is_path: bool = False
    """Whether the target is a path from the note's folder, or else from the top of the vault, rather than a title."""


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


def find_links(text: str) -> list[Link]:
    """The links in a text to notes, in order; those to pages of the web and to files that are no notes aside."""
    return [link for match in _LINK.finditer(text) if (link := _link(match)) is not None]


def only_link(text: str) -> Link | None:
    """The link that the text consists of."""
    match = _LINK.fullmatch(text.strip())
    return _link(match) if match and not match["label"] else None


def find_property(properties: JsonObject, *names: str) -> Iterator[JsonValue]:
    """What the properties of these names hold, in the order of the names, however they are capitalised."""
    for name in names:
        yield from (value for key, value in properties.items() if key.casefold() == name)


def _link(match: re.Match[str]) -> Link | None:
    is_embedded = bool(match["embed"])
    if match["target"] is not None:  # in a table the bar is written `\|`, and the backslash is the table's
        target, heading = (match["target"] or "").removesuffix("\\"), (match["heading"] or "").removesuffix("\\")
        shown = (match["shown"] or "").strip()
        return Link(target=target.strip(), heading=heading.strip(), shown=shown, embedded=is_embedded)
    href = (match["href"] or match["definition"] or "").strip("<>").replace("\\", "")
    if _SCHEME.match(href):
        return None
    path, _, heading = href.partition("#")
    path = unquote(path)
    if _SUFFIX.search(path) or not _is_storable(path + unquote(heading)):
        return None
    target = path[:-3] if path.lower().endswith(".md") else path
    shown = (match["text"] or match["label"] or "").strip()
    return Link(
        target=target.strip(), heading=unquote(heading), shown=shown, embedded=is_embedded, is_path=bool(target)
    )


def _is_storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _note(path: str, header: str, body: str, yaml: str) -> Note:
    front = read_yaml(yaml)
    prose = _without_code(without_comments(body))
    values = [text for value in front.properties.values() for text in _texts(value)]
    tags = [*_words(front.properties, "tags", "tag"), *_TAG.findall(prose)]
    aliases = [name for value in find_property(front.properties, "aliases", "alias") for name in _names(value)]
    return Note(
        path=path,
        header=header,
        body=body,
        properties=front.properties,
        aliases=tuple(dict.fromkeys(aliases)),
        tags=tuple(dict.fromkeys(tag.removeprefix("#") for tag in tags)),
        links=(*(link for value in values for link in find_links(value)), *find_links(prose)),
        lost=front.lost,
    )


def _names(value: JsonValue) -> list[str]:
    """The names in a property: a list, or one text with commas or lines between them; a link gives what it shows."""
    if isinstance(value, list):
        return [name for item in value for name in (_names(item) if isinstance(item, list) else _name(item))]
    if not isinstance(value, str) or only_link(value) is not None:
        return _name(value)
    return [name for part in re.split(r"[,\n]", value) for name in _name(part)]


def _name(value: JsonValue) -> list[str]:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return []
    text = str(value).strip()
    link = only_link(text)
    text = (link.shown or link.target.rpartition("/")[2]) if link else text
    return [text] if text else []


def _words(properties: JsonObject, *keys: str) -> list[str]:
    texts = [text for value in find_property(properties, *keys) for text in _texts(value)]
    return [word for text in texts for word in text.replace(",", " ").split()]


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
