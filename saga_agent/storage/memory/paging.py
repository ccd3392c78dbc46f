"""Pages over sorted rows; a cursor is the sort key of the last row seen, so it outlives that row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TypeVar

from saga_agent.domain.record import Page
from saga_agent.errors import InvalidInput
from saga_agent.storage.memory.detached import detached

T = TypeVar("T")
Key = tuple[str | int | float, ...]


def page(
    rows: Iterable[T], *, key: Callable[[T], Key], after: str | None, limit: int, newest_first: bool = False
) -> Page[T]:
    """The `limit` rows that follow the cursor `after` in the order of `key`; `InvalidInput` for a foreign cursor."""
    ordered = sorted(rows, key=key, reverse=newest_first)
    if after is not None:
        seen = _decode(after)
        try:
            ordered = [row for row in ordered if (key(row) < seen if newest_first else key(row) > seen)]
        except TypeError:
            raise InvalidInput(f"{after!r} is no cursor of this list; pass the `next` of one of its pages.") from None
    items = tuple(detached(row) for row in ordered[:limit])
    return Page(items, _encode(key(ordered[limit - 1])) if items and len(ordered) > limit else None)


def _encode(key: Key) -> str:
    return json.dumps(key)


def _decode(cursor: str) -> Key:
    try:
        return tuple(json.loads(cursor))
    except (ValueError, TypeError):
        raise InvalidInput(f"{cursor!r} is no cursor of this list; pass the `next` of one of its pages.") from None
