"""Copies that share nothing mutable with what they were made from."""

from __future__ import annotations

from typing import TypeVar, cast

from pydantic import BaseModel

T = TypeVar("T")


def detached(value: T) -> T:
    """The same value, its JSON bodies copied: models are frozen, but the dicts and lists inside them are not."""
    return cast("T", _copy(value))


def _copy(value: object) -> object:
    match value:
        case dict():
            return {key: _copy(item) for key, item in cast("dict[object, object]", value).items()}
        case list():
            return [_copy(item) for item in cast("list[object]", value)]
        case tuple():
            return tuple([_copy(item) for item in cast("tuple[object, ...]", value)])
        case BaseModel():
            return value.model_copy(update={name: _copy(item) for name, item in _bodies(value).items()})
        case _:
            return value


def _bodies(model: BaseModel) -> dict[str, object]:
    return {name: item for name, item in vars(model).items() if isinstance(item, dict | list | tuple | BaseModel)}
