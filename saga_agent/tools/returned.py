"""What the host's tools hand back, as the one shape that models, pages and the journal know."""

from __future__ import annotations

import dataclasses
import math
import typing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from inspect import isawaitable, iscoroutine
from itertools import islice
from typing import Any, cast

from pydantic import BaseModel, JsonValue, TypeAdapter
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticSchemaGenerationError
from pydantic_core import PydanticSerializationError, to_jsonable_python

from saga_agent.domain.plain import mended
from saga_agent.domain.record import JsonObject
from saga_agent.errors import WrongType
from saga_agent.tools.result import FailureCode, ToolFailure, ToolResult

_DEEPEST = 64
"""Levels of nesting; the journal's own models take a few more than twice as many."""
_MOST_VALUES = 200_000
_MOST_CHARACTERS = 10_000_000
_MOST_BITS = 4_096
"""Python reads no number back that has more than 4,300 digits."""
_ALWAYS_TOLD: tuple[object, ...] = (ToolResult, typing.NoReturn, typing.Never)
_WAYS = "return a ToolResult, a dict, list, text, number, None, dataclass or pydantic model"


def read_returned(value: object, *, tool: str) -> ToolResult:
    """A tool's return value as a result: an object is its data, None no data, and all else one field of it.

    A text is `{"text": ...}`, a list, set or generator `{"items": [...]}`, any other value `{"value": ...}`. Infinite
    numbers and NaN, which JSON has not, become null.

    Raises: `ToolFailure` that names the tool and the type for what cannot be told.
    """
    try:
        if isinstance(value, ToolResult):
            given = {name: getattr(value, name) for name in ToolResult.model_fields if name in value.model_fields_set}
            return ToolResult.model_validate(_ValueReader().read(given))
        return ToolResult(data=_data_of(value))
    except _Untellable as error:
        told = f"{tool} ran, but what it returned cannot be told: {error}."
        raise ToolFailure(error.code, told, hint="Do not repeat the call for this; it has run.") from None
    except Exception as error:  # a property, a serializer or an iterator of the host's own
        told = f"{tool} ran, but its {type(value).__name__} cannot be read ({type(error).__name__})."
        raise ToolFailure("unavailable", told, hint="Do not repeat the call for this; it has run.") from error


def check_return_type(tool: str, function: Callable[..., Any], hint: object) -> None:
    """Raises `WrongType` when the annotation says that nothing the tool returns can be told.

    What the annotation leaves open - `Any`, a name that is not there yet - is seen when the tool returns.
    """
    if hint in _ALWAYS_TOLD:
        return
    try:
        TypeAdapter(cast(Any, hint)).json_schema(mode="serialization")
    except (PydanticSchemaGenerationError, PydanticInvalidForJsonSchema):
        name = getattr(function, "__name__", tool)
        raise WrongType(f"{tool}: {name} returns {_name_of(hint)}, which is no JSON; {_WAYS}.") from None
    except Exception:
        pass


class _Untellable(Exception):
    """A value that is no JSON, and where it stands in what was returned."""

    def __init__(self, what: str, *, code: FailureCode = "unavailable") -> None:
        self.what, self.path = what, deque[str]()
        self.code: FailureCode = code
        super().__init__(what)

    def __str__(self) -> str:
        return f"{'/' + '/'.join(self.path)} is {self.what}" if self.path else f"it is {self.what}"


def _data_of(value: object) -> JsonObject:
    plain = _ValueReader().read(value)
    match plain:
        case dict():
            return plain
        case None:
            return {}
        case str():
            return {"text": plain}
        case list():
            return {"items": plain}
        case _:
            return {"value": plain}


class _ValueReader:
    """Reads one value, within limits: what a tool returns is walked on the loop that all turns share."""

    def __init__(self) -> None:
        self._values, self._characters = _MOST_VALUES, _MOST_CHARACTERS

    def read(self, value: object, depth: int = 0) -> JsonValue:
        """The value as JSON; `_Untellable` where it is none."""
        self._values -= 1
        if depth > _DEEPEST:
            raise _Untellable(f"nested deeper than {_DEEPEST} levels, or holds itself")
        if self._values < 0:
            raise _Untellable(f"part of more than {_MOST_VALUES:,} values", code="too_large")
        match value:
            case None | bool():
                return value
            case Enum():
                return self.read(value.value, depth + 1)
            case str():
                return self._text(str.__str__(value))
            case int():
                return self._integer(value)
            case float():
                number = float.__float__(value)
                return number if math.isfinite(number) else None
            case Mapping():
                return self._object(cast(Mapping[object, object], value), depth)
            case _:
                return self._other(value, depth)

    def _other(self, value: Any, depth: int) -> JsonValue:
        if isinstance(value, tuple) and (fields := getattr(cast(object, value), "_asdict", None)):
            return self.read(fields(), depth)
        if isinstance(value, list | tuple | deque):
            return self._list(cast(Iterable[object], value), depth)
        if isinstance(value, set | frozenset):
            return sorted(self._list(cast(Iterable[object], value), depth), key=repr)
        if isinstance(value, Iterator):
            return self._list(cast(Iterable[object], value), depth)
        if isinstance(value, BaseModel):
            return self.read(value.model_dump(mode="json", warnings=False), depth)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return self.read({field.name: getattr(value, field.name) for field in dataclasses.fields(value)}, depth)
        return self._known_to_pydantic(value, depth)

    def _known_to_pydantic(self, value: object, depth: int) -> JsonValue:
        """Dates, UUIDs, decimals, paths, bytes that are text, and the like."""
        if isawaitable(value):
            if iscoroutine(value):
                value.close()
            raise _Untellable(f"a {type(value).__name__} that nobody awaited")
        try:
            told = to_jsonable_python(value)
        except (PydanticSerializationError, ValueError):
            raise _Untellable(f"a {type(value).__name__}, which is no JSON") from None
        return self.read(told, depth + 1)

    def _text(self, text: str) -> str:
        self._characters -= len(text)
        if self._characters < 0:
            raise _Untellable(f"part of more than {_MOST_CHARACTERS:,} characters", code="too_large")
        return mended(text)

    def _integer(self, value: int) -> int:
        number = int.__int__(value)
        if number.bit_length() > _MOST_BITS:
            raise _Untellable(f"an int of {number.bit_length():,} bits", code="too_large")
        return number

    def _object(self, value: Mapping[object, object], depth: int) -> JsonObject:
        plain: JsonObject = {}
        for key, each in value.items():
            name = self._name(key)
            if name in plain:
                raise _Untellable(f"a {type(value).__name__} with two keys that both read {name!r}")
            try:
                plain[name] = self.read(each, depth + 1)
            except _Untellable as error:
                error.path.appendleft(name)
                raise
        return plain

    def _name(self, key: object) -> str:
        if isinstance(key, str) and not isinstance(key, Enum):
            return self._text(str.__str__(key))
        try:
            (name,) = to_jsonable_python({key: None})
        except (PydanticSerializationError, ValueError):
            raise _Untellable(f"a dict whose key is a {type(key).__name__}, which is no name") from None
        return self._text(name)

    def _list(self, values: Iterable[object], depth: int) -> list[JsonValue]:
        plain: list[JsonValue] = []
        for number, each in enumerate(islice(values, _MOST_VALUES + 1)):
            try:
                plain.append(self.read(each, depth + 1))
            except _Untellable as error:
                error.path.appendleft(str(number))
                raise
        return plain


def _name_of(hint: object) -> str:
    return hint.__qualname__ if isinstance(hint, type) else str(hint).replace("typing.", "")
