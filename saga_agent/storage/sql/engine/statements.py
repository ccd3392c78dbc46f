"""Statements that are compiled once, and inserts of rows that may be there already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, cast

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Delete,
    Insert,
    Select,
    Table,
    TextClause,
    Update,
    bindparam,
    insert,
    select,
    text,
)

Statement = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]] | Insert | Update | Delete | TextClause
Values = Mapping[str, object]


class _Cursor(Protocol):
    rowcount: int

    def execute(self, sql: str, values: object, /) -> object: ...
    def executemany(self, sql: str, values: Sequence[object], /) -> object: ...
    def fetchone(self) -> tuple[Any, ...] | None: ...
    def fetchall(self) -> list[tuple[Any, ...]]: ...


class _Driver(Protocol):
    def cursor(self) -> _Cursor: ...


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    order: tuple[str, ...] | None
    """The parameters by position, for drivers that take them so."""
    constants: Values

    def values(self, given: Values) -> object:
        full = {**self.constants, **given} if self.constants else given
        return full if self.order is None else tuple(full[name] for name in self.order)


class Prepared:
    """A statement with named parameters, which must all be given; what is compared with `in_` are literals or those."""

    def __init__(self, statement: Statement, *, returns: Iterable[str] = ()) -> None:
        """Compiles nothing yet; `returns` names the columns that a change gives back."""
        self._statement = statement
        of_select = (str(c.key) for c in statement.selected_columns) if isinstance(statement, Select) else ()
        self._names = (*of_select, *returns)
        self._compiled: dict[str, _Compiled] = {}

    def first(self, conn: Connection, values: Values) -> tuple[Any, ...] | None:
        """The first row, or None."""
        return self._run(conn, values).fetchone()

    def all(self, conn: Connection, values: Values) -> list[tuple[Any, ...]]:
        """All rows."""
        return self._run(conn, values).fetchall()

    def record(self, conn: Connection, values: Values) -> dict[str, object] | None:
        """The first row, by column name, or None."""
        row = self.first(conn, values)
        return None if row is None else dict(zip(self._names, row, strict=True))

    def records(self, conn: Connection, values: Values) -> list[dict[str, object]]:
        """All rows, by column name."""
        return [dict(zip(self._names, row, strict=True)) for row in self.all(conn, values)]

    def do(self, conn: Connection, values: Values) -> int:
        """Runs it; gives how many rows it changed."""
        return self._run(conn, values).rowcount

    def many(self, conn: Connection, rows: Sequence[Values]) -> None:
        """Runs it once for each of the rows."""
        compiled = self._for(conn)
        _driver(conn).cursor().executemany(compiled.sql, [compiled.values(row) for row in rows])

    def _run(self, conn: Connection, values: Values) -> _Cursor:
        compiled = self._for(conn)
        cursor = _driver(conn).cursor()
        cursor.execute(compiled.sql, compiled.values(values))
        return cursor

    def _for(self, conn: Connection) -> _Compiled:
        if (known := self._compiled.get(conn.dialect.name)) is not None:
            return known
        compiled = self._statement.compile(dialect=conn.dialect)
        order = tuple(compiled.positiontup or ()) if compiled.positional else None
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        self._compiled[conn.dialect.name] = made = _Compiled(str(compiled), order, constants)
        return made


@cache
def inserting(table: Table) -> Prepared:
    """Adds a row; a number that the database counts itself is not given."""
    given = [column.key for column in table.columns if column is not table.autoincrement_column]
    return Prepared(insert(table).values({name: bindparam(name) for name in given}))


@cache
def with_id(table: Table) -> Prepared:
    """The id of the row with the id `of_id`, if there is one."""
    return Prepared(select(table.c.id).where(table.c.id == bindparam("of_id")))


def _driver(conn: Connection) -> _Driver:
    return cast(_Driver, conn.connection.driver_connection)


def insert_new(table: Table, names: Iterable[str]) -> TextClause:
    """Inserts those columns; a row that breaks a unique constraint is passed over, and counts as no row."""
    return text(f"{_insert(table, list(names))} ON CONFLICT DO NOTHING")


def insert_or_replace(table: Table) -> TextClause:
    """Inserts all columns in place of the row with the same primary key."""
    names, key = [column.key for column in table.columns], [column.key for column in table.primary_key]
    changes = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key)
    return text(f"{_insert(table, names)} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}")


def _insert(table: Table, names: list[str]) -> str:
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)})"
