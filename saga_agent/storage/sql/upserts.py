"""Inserts of rows that may be there already.

Written as text: both engines read the same upsert, while SQLAlchemy has one construct for each.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table, TextClause, text


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
