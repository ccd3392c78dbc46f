"""What rules say their piece with; `assert` would be silent under `python -O`."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Sequence
from typing import TypeVar

from pydantic import BaseModel

from saga_agent.domain.record import Page

E = TypeVar("E", bound=Exception)
M = TypeVar("M", bound=BaseModel)
_SHOWN_CHARACTERS = 400


def expect(condition: bool, problem: str) -> None:
    """Fails with the problem unless the condition holds."""
    if not condition:
        raise AssertionError(problem)


def expect_same(actual: object, expected: object, what: str) -> None:
    """Fails unless both are the same in value and in type of number: 2 is not 2.0, and [] is not {}."""
    if _plain(actual) != _plain(expected):
        raise AssertionError(f"{what} is {_shown(actual)}, but should be {_shown(expected)}.")


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


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}... ({len(text)} characters)"
