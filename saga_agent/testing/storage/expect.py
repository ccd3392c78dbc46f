"""What rules say their piece with; `assert` would be silent under `python -O`."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Sequence
from typing import TypeVar

from pydantic import BaseModel, JsonValue

from saga_agent.domain.record import Page

E = TypeVar("E", bound=Exception)
M = TypeVar("M", bound=BaseModel)
_SHOWN_CHARACTERS = 400
_SHORT = 80
_MISSING = "missing"


def expect(condition: bool, problem: str) -> None:
    """Fails with the problem unless the condition holds."""
    if not condition:
        raise AssertionError(problem)


def expect_same(actual: object, expected: object, what: str) -> None:
    """Fails unless both are the same in value and in type of number: 2 is not 2.0, and [] is not {}."""
    if _plain(actual) != _plain(expected):
        where = _difference(json.loads(_plain(actual)), json.loads(_plain(expected)))
        raise AssertionError(f"{what} is {_shown(actual)}, but should be {_shown(expected)}.{where}")


def expect_ids(page: Page[M] | Sequence[M], expected: Sequence[str], what: str) -> None:
    """Fails unless the records have these ids, in this order."""
    records = page.items if isinstance(page, Page) else page
    expect_same([getattr(record, "id", None) for record in records], list(expected), what)


async def expect_raises(kind: type[E], verb: Awaitable[object], when: str) -> E:
    """The error, which must be of that kind; fails when the verb succeeds or raises something else."""
    try:
        result = await verb
    except kind as error:
        return error
    except Exception as error:
        raise AssertionError(f"{when} must raise {kind.__name__}, but raised {error!r}.") from error
    raise AssertionError(f"{when} must raise {kind.__name__}, but gave {_shown(result)}.")


def _plain(value: object) -> str:
    # JSON text tells 2 from 2.0; sorted keys, since the order of a JSON object's keys means nothing.
    return json.dumps(value, default=_as_json, sort_keys=True, ensure_ascii=False)


def _as_json(value: object) -> object:
    if isinstance(value, BaseModel):
        return {"": type(value).__name__, **value.model_dump(mode="json")}
    return repr(value)


def _difference(actual: JsonValue, expected: JsonValue) -> str:
    """Where two values differ first, for those too long to be seen at a glance; empty for short ones."""
    if max(len(repr(actual)), len(repr(expected))) <= _SHORT:
        return ""
    place, actual, expected = _first_difference("", actual, expected)
    if isinstance(actual, str) and isinstance(expected, str) and max(len(actual), len(expected)) > _SHORT:
        return f" The first difference: {place or 'the text'}{_difference_of_texts(actual, expected)}"
    return f" The first difference: {place or 'the whole'} is {_told(actual)}, but should be {_told(expected)}."


def _first_difference(place: str, actual: JsonValue, expected: JsonValue) -> tuple[str, JsonValue, JsonValue]:
    """The innermost values that differ, with the names and numbers that lead to them."""
    if isinstance(actual, dict) and isinstance(expected, dict):
        for key in sorted({*actual, *expected}):
            here, there = actual.get(key, _MISSING), expected.get(key, _MISSING)
            if _plain(here) != _plain(there):
                return _first_difference(f"{place}.{key}" if place else key, here, there)
    if isinstance(actual, list) and isinstance(expected, list) and len(actual) == len(expected):
        for index, (here, there) in enumerate(zip(actual, expected, strict=True)):
            if _plain(here) != _plain(there):
                return _first_difference(f"{place}[{index}]", here, there)
    return place, actual, expected


def _told(value: JsonValue) -> str:
    return _MISSING if value is _MISSING else _shown(value)


def _difference_of_texts(actual: str, expected: str) -> str:
    shared = next((at for at, pair in enumerate(zip(actual, expected, strict=False)) if pair[0] != pair[1]), None)
    at = min(len(actual), len(expected)) if shared is None else shared
    here, there = (repr(text[max(at - 10, 0) : at + 20]) for text in (actual, expected))
    return (
        f" from character {at} on ({len(actual)} characters, should be {len(expected)}): {here}, but should be {there}."
    )


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}... ({len(text)} characters)"
