"""One record's row: put in, changed through its revision, taken out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from saga_agent.errors import AlreadyExists, Conflict, NotFound


def put_in(conn: Connection, table: Table, row: Mapping[str, object], *, kind: str, key: str) -> None:
    """Inserts the row; `AlreadyExists` if its key is taken."""
    try:
        conn.execute(insert(table), row)
    except IntegrityError as error:
        raise AlreadyExists(kind, key) from error


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
