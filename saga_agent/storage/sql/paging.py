"""Pages by key: a cursor is the sort key of the last row seen, so it outlives that row."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Column, Connection, Row, Select, tuple_

from saga_agent.domain.record import Page
from saga_agent.errors import InvalidInput

T = TypeVar("T")
_VALUES: TypeAdapter[list[str | int | float]] = TypeAdapter(list[str | int | float])


def page(
    conn: Connection, query: Select[Any], build: Callable[[Row[Any]], T], *, order: Sequence[Column[Any]],
    after: str | None, limit: int, newest_first: bool = False,
) -> Page[T]:  # fmt: skip
    """The `limit` rows that follow the cursor `after` in that order; `InvalidInput` for a foreign cursor."""
    key = tuple_(*order)
    if after is not None:
        seen = tuple_(*_decode(after, order))
        query = query.where(key < seen if newest_first else key > seen)
    query = query.order_by(*(column.desc() if newest_first else column for column in order))
    rows = conn.execute(query.limit(limit + 1)).all()
    items = tuple(build(row) for row in rows[:limit])
    more = bool(items) and len(rows) > limit
    return Page(items, _encode(rows[limit - 1], order) if more else None)


def _encode(row: Row[Any], order: Sequence[Column[Any]]) -> str:
    return json.dumps([getattr(row, column.key) for column in order])


def _decode(cursor: str, order: Sequence[Column[Any]]) -> list[Any]:
    try:
        values = _VALUES.validate_json(cursor)
    except ValueError:
        values = []
    if [type(value) for value in values] != [column.type.python_type for column in order]:
        raise InvalidInput(f"{cursor!r} is no cursor of this list; pass the `next` of one of its pages.")
    return values
