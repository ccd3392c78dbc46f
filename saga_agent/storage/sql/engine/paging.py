"""Pages by key: a cursor is the sort key of the last row seen, so it outlives that row."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Column, ColumnElement, Connection, Integer, bindparam, select, tuple_

from saga_agent.domain.record import Page
from saga_agent.errors import InvalidInput
from saga_agent.storage.sql.engine.statements import Prepared

T = TypeVar("T")
_VALUES: TypeAdapter[list[str | int | float]] = TypeAdapter(list[str | int | float])
Wanted = str | Sequence[str] | None
"""What a column must be equal to: a value, one of several, or null."""


class Pages(Generic[T]):
    """A list of the rows of one table, a page at a time; the statements are compiled once for each set of filters."""

    def __init__(
        self,
        columns: Sequence[Column[Any]],
        build: Callable[[Mapping[str, object]], T],
        *,
        order: Sequence[Column[Any]],
        newest_first: bool = False,
    ) -> None:
        self._columns, self._build = columns, build
        self._order, self._newest_first = order, newest_first
        self._prepared: dict[tuple[object, ...], Prepared] = {}

    def read(self, conn: Connection, where: Mapping[str, Wanted], *, after: str | None = None, limit: int) -> Page[T]:
        """The `limit` rows that follow the cursor `after`; `InvalidInput` for a foreign cursor."""
        values: dict[str, object] = {"most": limit + 1}
        if after is not None:
            values |= {f"seen_{place}": value for place, value in enumerate(_decode(after, self._order))}
        for name, wanted in where.items():
            values |= dict(
                zip(_names(name, wanted), [wanted] if isinstance(wanted, str) else wanted or (), strict=True)
            )
        rows = self._statement(where, after is not None).records(conn, values)
        items = tuple(self._build(row) for row in rows[:limit])
        more = bool(items) and len(rows) > limit
        return Page(items, json.dumps([rows[limit - 1][column.key] for column in self._order]) if more else None)

    def _statement(self, where: Mapping[str, Wanted], goes_on: bool) -> Prepared:
        key = (goes_on, *((name, _names(name, wanted)) for name, wanted in where.items()))
        if (known := self._prepared.get(key)) is not None:
            return known
        table = self._order[0].table
        query = select(*self._columns).where(*(_equal(table.c[name], wanted) for name, wanted in where.items()))
        if goes_on:
            place = tuple_(*self._order)
            seen = tuple_(*(bindparam(f"seen_{n}", type_=column.type) for n, column in enumerate(self._order)))
            query = query.where(place < seen if self._newest_first else place > seen)
        query = query.order_by(*(column.desc() if self._newest_first else column for column in self._order))
        self._prepared[key] = made = Prepared(query.limit(bindparam("most", type_=Integer)))
        return made


def _equal(column: ColumnElement[Any], wanted: Wanted) -> ColumnElement[bool]:
    name = str(column.key)
    if wanted is None:
        return column.is_(None)
    each = [bindparam(part, type_=column.type) for part in _names(name, wanted)]
    return column == each[0] if isinstance(wanted, str) else column.in_(each)


def _names(name: str, wanted: Wanted) -> tuple[str, ...]:
    """The parameters that carry what is wanted of that column."""
    count = 0 if wanted is None else 1 if isinstance(wanted, str) else len(wanted)
    return tuple(f"{name}_{number}" for number in range(count))


def _decode(cursor: str, order: Sequence[Column[Any]]) -> list[Any]:
    try:
        values = _VALUES.validate_json(cursor)
    except ValueError:
        values = []
    if [type(value) for value in values] != [column.type.python_type for column in order]:
        raise InvalidInput(f"{cursor!r} is no cursor of this list; pass the `next` of one of its pages.")
    return values
