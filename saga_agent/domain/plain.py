"""Text as every database, file and browser takes it: no half of a surrogate pair, wherever it comes from.

Python's `str` can hold a half: as an escape of JSON, where a provider cuts an emoji between two events, as a byte of a
command line that is no UTF-8. UTF-8 cannot, so it would fail a write long after it came in. Text is mended where it
enters: the two halves are joined, and U+FFFD stands for one that is alone.
"""

from __future__ import annotations

import json
from typing import TypeVar, cast

from pydantic import BaseModel, JsonValue

J = TypeVar("J", bound=JsonValue)
_MOST_WORDS = 2_000


def mended(text: str) -> str:
    """The text with pairs of surrogates joined and each half that is left replaced by U+FFFD."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def mended_json(value: J) -> J:
    """The JSON value with every text in it mended, names of fields too; the value itself when nothing was wrong.

    Raises: `ValueError`, `TypeError` for what is no JSON, `RecursionError` for what is nested too deep.
    """
    text = json.dumps(value, ensure_ascii=False)
    whole = mended(text)
    return value if whole is text else cast(J, json.loads(whole))


def mended_values(value: object) -> object:
    """A value as callers give it for a record's field, with every text in it mended: texts, lists, dicts and models."""
    match value:
        case str():
            return mended(value)
        case list() | tuple():
            items = cast("list[object] | tuple[object, ...]", value)
            return type(items)(mended_values(each) for each in items)
        case dict():
            fields = cast("dict[object, object]", value)
            return {mended_values(name): mended_values(each) for name, each in fields.items()}
        case BaseModel():
            fields = value.model_dump()
            whole = {name: mended_values(each) for name, each in fields.items()}
            return value if repr(whole) == repr(fields) else type(value).model_validate(whole)
        case _:
            return value


def readable(said: object) -> str:
    """A message as it can be stored and shown to a person or a model: clean, and at most 2,000 characters of it."""
    try:
        words = mended(str(said)).replace("\0", "\ufffd")  # PostgreSQL has no NUL
    except Exception as error:  # an exception of a host's whose own words cannot be had
        return f"{type(said).__name__} (its message cannot be read: {type(error).__name__})"
    return words if len(words) <= _MOST_WORDS else f"{words[:_MOST_WORDS]} ..."


class TextJoiner:
    """Mends a text that comes in pieces: a half at a piece's end waits for the piece that follows."""

    def __init__(self) -> None:
        self._half = ""

    def feed(self, piece: str) -> str:
        """What can be told now of the text so far."""
        if not self._half and piece.isascii():
            return piece
        piece = self._half + piece
        self._half = piece[-1] if "\ud800" <= piece[-1:] <= "\udbff" else ""
        return mended(piece[:-1] if self._half else piece)

    def rest(self) -> str:
        """What stands for a half that was left waiting; empty when none was."""
        rest, self._half = mended(self._half), ""
        return rest
