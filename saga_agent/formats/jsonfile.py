"""JSON from strangers: UTF-8, objects, no deeper than any real file; written back in the manner it came in."""

from __future__ import annotations

import json
import re
from typing import cast

from pydantic import JsonValue

from saga_agent.domain.record import JsonObject
from saga_agent.errors import UnreadableFile

MAX_DEPTH = 64
MAX_JSON_BYTES = 20 * 1024 * 1024

_INDENT = re.compile(r"[\[{]\r?\n(?P<blanks> {1,8}|\t)[\"{]")


def load_object(data: bytes, *, name: str) -> JsonObject:
    """The JSON object in the bytes; UnreadableFile when there is none, or when it is too large or too deep."""
    value = load_json(data, name=name)
    if not isinstance(value, dict):
        raise UnreadableFile(name, "its JSON is not an object")
    return value


def load_json(data: bytes, *, name: str) -> JsonValue:
    """The JSON in the bytes; UnreadableFile when there is none, or when it is too large or too deep."""
    if len(data) > MAX_JSON_BYTES:
        raise UnreadableFile(name, f"it has more than {MAX_JSON_BYTES // (1024 * 1024)} MB of JSON")
    try:
        value: JsonValue = json.loads(data.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except RecursionError:
        raise UnreadableFile(name, f"its JSON is nested more than {MAX_DEPTH} levels deep") from None
    except ValueError as error:
        raise UnreadableFile(name, f"it is not valid JSON ({error})") from None
    _check(value, name)
    return value


def dump_json(value: JsonValue, *, like: bytes = b"") -> bytes:
    """The JSON text of a value, with the indentation and the escapes of the text `like`."""
    found = _INDENT.match(like[:100].decode("utf-8-sig", "replace").lstrip())
    compact = b'": ' not in like[:1000] and bool(like)
    text = json.dumps(
        value,
        ensure_ascii=like.isascii() and b"\\u" in like,
        indent=found["blanks"] if found else None,
        separators=(",", ":") if compact else None,
    )
    return text.encode() + (b"\n" if like.endswith(b"\n") else b"")


def text_of(raw: JsonObject, key: str) -> str:
    """The string under the key, empty when there is none."""
    value = raw.get(key)
    return value if isinstance(value, str) else ""


def texts_of(raw: JsonObject, key: str) -> tuple[str, ...]:
    """The strings in the list under the key."""
    value = raw.get(key)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def object_of(raw: JsonObject, key: str) -> JsonObject | None:
    """The object under the key."""
    value = raw.get(key)
    return value if isinstance(value, dict) else None


def _refuse_constant(constant: str) -> float:
    raise ValueError(f"{constant} is no number of JSON")


def _check(value: JsonValue, name: str) -> None:
    level: list[JsonValue] = [value]
    for _ in range(MAX_DEPTH):
        inner: list[JsonValue] = []
        for item in level:
            if isinstance(item, dict):
                inner += [*item, *item.values()]
            elif isinstance(item, list):
                inner += item
            elif isinstance(item, str) and not _is_encodable(item):
                raise UnreadableFile(name, "it holds half of a character (a lone surrogate)")
        level = inner
        if not level:
            return
    raise UnreadableFile(name, f"its JSON is nested more than {MAX_DEPTH} levels deep")


def _is_encodable(text: str) -> bool:
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False


def as_json(values: tuple[str, ...]) -> JsonValue:
    """The strings as a JSON list."""
    return cast(list[JsonValue], list(values))
