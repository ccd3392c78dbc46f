"""What can be stored and read again by everybody: on every adapter, and as JSON by a page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, cast

from pydantic import BaseModel

from saga_agent.errors import InvalidInput

MAX_DEPTH: Final = 64
"""Levels of lists and objects in one record; readers of JSON give up at depths of their own, from a few hundred on."""
_WHOLE_NUMBERS: Final = range(-(2**63), 2**63)
_SHOWN_STEPS: Final = 6
_SHOWN_CHARACTERS: Final = 40


def check_storable(name: str, fields: Mapping[str, object]) -> None:
    """Raises `InvalidInput` naming the first value of that kind of record which nobody could read again.

    Work grows with the values alone; nothing is called from within itself, however deep they lie.
    """
    waiting: list[tuple[tuple[str, ...], object]] = [((key,), value) for key, value in fields.items()]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, BaseModel):
            value = value.model_dump()
        if fault := _fault(path, value):
            raise InvalidInput(f"This {name} cannot be stored: {_place(path)!r} {fault}.")
        if isinstance(value, Mapping):
            waiting += [((*path, str(key)), each) for key, each in cast("Mapping[object, object]", value).items()]
        elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
            waiting += [((*path, str(place)), each) for place, each in enumerate(cast("Sequence[object]", value))]


def _fault(path: tuple[str, ...], value: object) -> str:
    if len(path) > MAX_DEPTH:
        return f"lies more than {MAX_DEPTH} levels deep"
    if isinstance(value, float) and not math.isfinite(value):
        return f"is {value}, which is no number that JSON knows"
    if isinstance(value, int) and value not in _WHOLE_NUMBERS:
        return "is a whole number of more than 64 bits"
    if (isinstance(value, str) and not _is_text(value)) or not _is_text(path[-1]):
        return "holds half of a surrogate pair, which is no character"
    return ""


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _place(path: tuple[str, ...]) -> str:
    shown = [*path] if len(path) <= _SHOWN_STEPS else [*path[:_SHOWN_STEPS], "..."]
    short = [step if len(step) <= _SHOWN_CHARACTERS else f"{step[:_SHOWN_CHARACTERS]}..." for step in shown]
    return ".".join(short).encode(errors="backslashreplace").decode()
