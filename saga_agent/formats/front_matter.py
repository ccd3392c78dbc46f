"""YAML front matter: read as data without the traps of YAML 1.1, changed without touching what is not meant.

People write front matter by hand, so it is often no YAML (`motto: Up: and away`, a key twice, a tab). What cannot be
read as a whole is read property by property: one bad line costs no more than itself.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import cast

from pydantic import JsonValue
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from saga_agent.domain.record import JsonObject
from saga_agent.errors import InvalidInput

MAX_CHARACTERS = 16_000
"""Of one piece of YAML, for ruamel.yaml takes long over more; longer front matter is read property by property."""
MAX_TOTAL_CHARACTERS = 200_000
MAX_PROPERTIES = 2_000
MAX_VALUES = 10_000
"""Counted with every alias written out: a few lines of YAML can stand for billions of values."""
MAX_DEPTH = 32

_KEY = re.compile(
    r"(?:\"(?P<quoted>[^\"\n]{1,200})\"|(?P<plain>[^\s#\-\[\]{},\"'&*!|>%@`:?][^:\n]{0,200}?))[ \t]*:(?=\s|$)"
)
_OPENING = "[]{}&*!|>%@`\"'"
_UNQUOTED = ("A link in the front matter is not in quotes, so YAML reads it as lists; put it in quotes.",)
_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z")
_BRACKETS = re.compile(r"[\[\]{}]")
_WIDTH = 4096  # so that long texts are not wrapped anew


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The properties of a note, and sentences about what could not be understood."""

    properties: JsonObject
    lost: tuple[str, ...] = ()
    is_read: bool = True
    """Whether anything of it was understood, so that it can be changed."""


def read_yaml(text: str) -> FrontMatter:
    """The properties in the YAML between the fences; what was not read, or not as YAML, is told in `lost`."""
    if not text.strip():
        return FrontMatter({})
    if len(text) > MAX_TOTAL_CHARACTERS:
        return _unread(f"has more than {MAX_TOTAL_CHARACTERS:,} characters")
    plain = _Plain()
    try:
        value = plain.value(_load(text))
    except Exception:  # ruamel.yaml raises whatever damaged YAML leads it to, not only its own errors
        return _by_property(text)
    if value is None:
        return FrontMatter({})
    if not isinstance(value, dict):
        return _unread("is no list of properties")
    return FrontMatter(value, _UNQUOTED if plain.unquoted_links else ())


def _by_property(text: str) -> FrontMatter:
    """What the properties say that can be read alone; a line that is no YAML is taken as the text it shows."""
    properties: JsonObject = {}
    told: list[str] = []
    plain = _Plain()
    blocks = _blocks(text)
    if len(blocks) > MAX_PROPERTIES:
        return _unread(f"has more than {MAX_PROPERTIES:,} properties")
    for key, block in blocks:
        try:
            value = plain.value(_load(block.expandtabs(2)))
            found: JsonObject = value if isinstance(value, dict) else {}
        except Exception:  # as above
            found = _as_text(key, block)
            how = "is no YAML; it was taken as text" if found else "could not be read and is kept unread"
            told.append(f"The property {key[:60]!r} {how}.")
        told += [
            f"The property {name[:60]!r} stands twice; the last one counts." for name in found if name in properties
        ]
        properties |= found
    if not properties:
        return _unread("is not valid YAML")
    return FrontMatter(properties, (*told, *(_UNQUOTED if plain.unquoted_links else ())))


def _unread(why: str) -> FrontMatter:
    return FrontMatter({}, (f"The front matter {why} and is kept unread.",), is_read=False)


def _blocks(text: str) -> list[tuple[str, str]]:
    """The properties at the left edge with all their lines, by key; what stands before the first one is left out."""
    blocks: list[tuple[str, list[str]]] = []
    for line in _LINE.findall(text):
        if (match := _KEY.match(line)) is not None:
            blocks.append((match["quoted"] or match["plain"], [line]))
        elif blocks:
            blocks[-1][1].append(line)
    return [(key, "".join(lines)) for key, lines in blocks]


def _as_text(key: str, block: str) -> JsonObject:
    """A property of one line as the text behind its key; nothing for one of several lines."""
    lines = [line for line in _LINE.findall(block) if line.strip() and not line.startswith("#")]
    match = _KEY.match(lines[0]) if len(lines) == 1 else None
    shown = lines[0][match.end() :].strip() if match else ""
    is_text = bool(shown) and shown[0] not in _OPENING and len(shown) <= MAX_CHARACTERS
    try:
        shown.encode()
    except UnicodeEncodeError:
        return {}
    return {key: shown} if is_text else {}


def change_yaml(text: str, changes: Mapping[str, JsonValue], *, newline: str, path: str) -> str:
    """The YAML with these properties set, or taken away where None; the lines of the others stay as written.

    Raises: `InvalidInput` when the YAML was not understood, or is written so that lines cannot be changed one by one.
    """
    front = read_yaml(text)
    if not front.is_read:
        raise InvalidInput(f"The front matter of {path!r} cannot be changed: it was not understood; correct it first.")
    wanted = dict(front.properties)
    for key, value in changes.items():
        text = _with_property(text, key, value, newline)
        wanted.pop(key, None)
        if value is not None:
            wanted[key] = value
        if read_yaml(text).properties != wanted:
            raise InvalidInput(f"The property {key!r} of {path!r} cannot be changed here; change it by hand.")
    return text


def _with_property(text: str, key: str, value: JsonValue, newline: str) -> str:
    lines = _LINE.findall(text)
    starts = _key_lines(text)
    first = starts.get(key, len(lines))
    last = min((line for line in starts.values() if line > first), default=len(lines))
    while last > first + 1 and (not lines[last - 1].strip() or lines[last - 1].startswith("#")):
        last -= 1  # a comment above the next property belongs to that
    written = io.StringIO()
    if value is not None:
        _yaml().dump({key: value}, written)  # pyright: ignore[reportUnknownMemberType] - untyped in ruamel.yaml
    return "".join([*lines[:first], written.getvalue().replace("\n", newline), *lines[last:]])


def _key_lines(text: str) -> dict[str, int]:
    """The line on which each key stands, from 0; the last one of a key that stands twice."""
    try:
        loaded = _load(text) if text.strip() else None
    except Exception:  # as in read_yaml
        found = ((number, _KEY.match(line)) for number, line in enumerate(_LINE.findall(text)))
        return {match["quoted"] or match["plain"]: number for number, match in found if match}
    if not isinstance(loaded, CommentedMap):
        return {}
    places = cast("dict[str, list[int]]", loaded.lc.data or {})  # pyright: ignore[reportUnknownMemberType] - untyped
    return {key: place[0] for key, place in places.items()}


def _yaml() -> YAML:
    yaml = YAML(typ="rt", pure=True)
    yaml.preserve_quotes = True
    yaml.width = _WIDTH
    return yaml


def _load(text: str) -> object:
    """Raises whatever ruamel.yaml does, and `ValueError` for more than it reads in good time."""
    if len(text) > MAX_CHARACTERS or _nesting(text) > MAX_DEPTH:
        raise ValueError("too long or too deep")
    loaded: object = _yaml().load(text)  # pyright: ignore[reportUnknownMemberType] - untyped in ruamel.yaml
    return loaded


def _nesting(text: str) -> int:
    """How deep brackets open at most; ruamel.yaml takes quadratic time over them."""
    depth = deepest = 0
    for bracket in _BRACKETS.findall(text):
        depth = depth + 1 if bracket in "[{" else max(depth - 1, 0)
        deepest = max(deepest, depth)
    return deepest


class _Plain:
    """Turns what ruamel.yaml made into JSON values, and gives up at too many of them."""

    def __init__(self) -> None:
        self.unquoted_links = 0
        self._left = MAX_VALUES

    def value(self, value: object, *, depth: int = 0) -> JsonValue:
        self._left -= 1
        if self._left <= 0 or depth > MAX_DEPTH:
            raise ValueError("too many values")
        if isinstance(value, str):
            value.encode()  # refuses half of a surrogate pair
            return str(value)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            return int(value)
        if isinstance(value, float):
            return float(value) if isfinite(value) else str(value)
        if isinstance(value, date):  # datetime too
            return value.isoformat()
        if isinstance(value, Mapping):
            items = cast("Mapping[object, object]", value).items()
            return {str(self.value(key)): self.value(item, depth=depth + 1) for key, item in items}
        if isinstance(value, Sequence):
            return self._list(cast("Sequence[object]", value), depth)
        return str(value)

    def _list(self, value: Sequence[object], depth: int) -> JsonValue:
        items = [self.value(item, depth=depth + 1) for item in value]
        inner = items[0] if len(items) == 1 else None
        if isinstance(inner, list) and len(inner) == 1 and isinstance(inner[0], str):
            self.unquoted_links += 1
            return f"[[{inner[0]}]]"
        return cast(JsonValue, items)
