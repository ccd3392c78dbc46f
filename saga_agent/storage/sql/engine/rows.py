"""Rows: the way between a model and its row, and one record put in, changed through its revision, taken out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError, from_json, to_json
from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select, update
from sqlalchemy import Row as SqlRow
from sqlalchemy.exc import IntegrityError

from saga_agent.errors import AlreadyExists, Conflict, InvalidInput, NotFound

M = TypeVar("M", bound=BaseModel)


class Shape(Generic[M]):
    """How one model lies in one table.

    Columns named like a field hold that field; `body` holds the other fields. With `lean`, fields at their default
    are left out of it, which must be lossless: no discriminator may have a default.
    """

    def __init__(self, model: type[M], table: Table, *, lean: bool = False) -> None:
        self.table = table
        self._model, self._lean = model, lean
        fields = [column for column in table.columns if column.key in model.model_fields]
        self.columns = tuple(column.key for column in fields)
        self._json = frozenset(column.key for column in fields if column.info.get("json"))
        self._has_body = "body" in table.columns
        self._outside = set(self.columns)

    def row(self, record: M) -> dict[str, object]:
        """The row's values by column; `InvalidInput` for text that no database holds."""
        values: dict[str, object] = {name: getattr(record, name) for name in self.columns}
        for name in self._json:
            if values[name] is not None:
                values[name] = json_text(values[name])
        if self._has_body:
            # By way of a dict: straight to JSON, pydantic would write infinity as null.
            values["body"] = json_text(record.model_dump(exclude=self._outside, exclude_defaults=self._lean))
        return values

    def model(self, row: SqlRow[tuple[object, ...]]) -> M:
        """The record that the row holds."""
        return self._model.model_validate(self.fields(row))

    def record(self, held: Mapping[str, object]) -> M:
        """The record that these columns hold."""
        return self._model.model_validate(self.fields_of(held))

    def fields(self, row: SqlRow[tuple[object, ...]]) -> dict[str, object]:
        """The record's fields by name, as far as the row has them."""
        # Half the time of `row._mapping`, for every row that is read.
        held = dict(zip(row._fields, row, strict=True))  # pyright: ignore[reportPrivateUsage] - documented, in spite of it
        return self.fields_of(held)

    def fields_of(self, held: Mapping[str, object]) -> dict[str, object]:
        """The record's fields by name, as far as these columns have them."""
        fields: dict[str, object] = from_json(str(held["body"])) if self._has_body else {}
        for name in self.columns:
            if name in held:
                value = held[name]
                fields[name] = from_json(str(value)) if name in self._json and value is not None else value
        return fields


def json_text(value: object) -> str:
    """The value as JSON text, models included; `InvalidInput` for text that no database holds."""
    try:
        return to_json(value).decode()
    except PydanticSerializationError as error:
        raise InvalidInput(f"A value cannot be stored as JSON: {error}.") from error


def put_in(conn: Connection, table: Table, row: Mapping[str, object], *, kind: str, key: str) -> None:
    """Inserts the row; `AlreadyExists` if its key is taken."""
    try:
        conn.execute(insert(table), row)
    except IntegrityError as error:
        raise AlreadyExists(kind, key) from error


def put_in_all(conn: Connection, table: Table, rows: Sequence[Mapping[str, object]], *, kind: str) -> None:
    """Inserts the rows at once; `AlreadyExists` for the first whose key is taken."""
    try:
        with conn.begin_nested():
            conn.execute(insert(table), rows)
    except IntegrityError:
        for row in rows:  # one by one, the database tells which it is; the transaction ends with it
            put_in(conn, table, row, kind=kind, key=str(row["id"]))


def put_once(conn: Connection, table: Table, row: Mapping[str, object]) -> None:
    """Inserts the row unless another process was faster; whichever came first stays."""
    try:
        with conn.begin_nested():
            conn.execute(insert(table), row)
    except IntegrityError:
        return


def change(
    conn: Connection,
    table: Table,
    one: Sequence[ColumnElement[bool]],
    row: Mapping[str, object],
    *,
    expected_rev: int,
    kind: str,
    key: str,
) -> None:
    """Overwrites the row if it is at that revision; `NotFound`, `Conflict`."""
    if conn.execute(update(table).where(*one, table.c.rev == expected_rev).values(row)).rowcount:
        return
    current = conn.execute(select(table.c.rev).where(*one)).scalar()
    if current is None:
        raise NotFound(kind, key)
    raise Conflict(kind, key, expected_rev=expected_rev, current_rev=current)


def take_out(conn: Connection, table: Table, one: Sequence[ColumnElement[bool]], *, kind: str, key: str) -> None:
    """Deletes the row; `NotFound`."""
    if not conn.execute(delete(table).where(*one)).rowcount:
        raise NotFound(kind, key)
