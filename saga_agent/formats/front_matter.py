"""YAML front matter: read as data without the traps of YAML 1.1, changed without touching what is not meant."""

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
MAX_VALUES = 10_000
"""Counted with every alias written out: a few lines of YAML can stand for billions of values."""
MAX_DEPTH = 32

_LINE = re.compile(r"[^\n]*\n")
_BRACKETS = re.compile(r"[\[\]{}]")
_WIDTH = 4096  # so that long texts are not wrapped anew


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The properties of a note, and sentences about what could not be understood."""

    properties: JsonObject
    lost: tuple[str, ...] = ()
    is_read: bool = True
    """Whether all of it was understood, so that it can be changed."""


def read_yaml(text: str) -> FrontMatter:
    """The properties in the YAML between the fences; what is no mapping is told in `lost`."""
    if not text.strip():
        return FrontMatter({})
    if len(text) > MAX_CHARACTERS:
        return FrontMatter(
            {}, (f"The front matter has more than {MAX_CHARACTERS:,} characters and is kept unread.",), is_read=False
        )
    if _nesting(text) > MAX_DEPTH:
        return FrontMatter({}, ("The front matter is nested too deep and is kept unread.",), is_read=False)
    try:
        loaded = _load(text)
        if loaded is None:
            return FrontMatter({})
        plain = _Plain()
        value = plain.value(loaded)
    except Exception:  # ruamel.yaml raises whatever damaged YAML leads it to, not only its own errors
        return FrontMatter({}, ("The front matter is not valid YAML and is kept unread.",), is_read=False)
    if not isinstance(value, dict):
        return FrontMatter({}, ("The front matter is no list of properties and is kept unread.",), is_read=False)
    told = "A link in the front matter is not in quotes, so YAML reads it as lists; put it in quotes."
    return FrontMatter(value, (told,) if plain.unquoted_links else ())


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
    loaded = _load(text) if text.strip() else None
    lines = _LINE.findall(text)
    starts = _key_lines(loaded) if isinstance(loaded, CommentedMap) else {}
    first = starts.get(key, len(lines))
    last = min((line for line in starts.values() if line > first), default=len(lines))
    while last > first + 1 and (not lines[last - 1].strip() or lines[last - 1].startswith("#")):
        last -= 1  # a comment above the next property belongs to that
    written = io.StringIO()
    if value is not None:
        _yaml().dump({key: value}, written)  # pyright: ignore[reportUnknownMemberType] - untyped in ruamel.yaml
    return "".join([*lines[:first], written.getvalue().replace("\n", newline), *lines[last:]])


def _key_lines(mapping: CommentedMap) -> dict[str, int]:
    """The line on which each key stands, from 0."""
    places = cast("dict[str, list[int]]", mapping.lc.data or {})  # pyright: ignore[reportUnknownMemberType] - untyped
    return {key: place[0] for key, place in places.items()}


def _yaml() -> YAML:
    yaml = YAML(typ="rt", pure=True)
    yaml.preserve_quotes = True
    yaml.width = _WIDTH
    return yaml


def _load(text: str) -> object:
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
