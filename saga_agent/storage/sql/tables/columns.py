"""The kinds of columns that the tables are made of, for both engines."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, ForeignKey, Integer, MetaData, Text

META = MetaData()
"""All tables."""

# Ids and cursors are compared by code point on both engines, as Python does.
KEY = Text().with_variant(Text(collation="C"), "postgresql")
INT = BigInteger().with_variant(Integer(), "sqlite")
JSON_TEXT = {"json": True}
"""`Column.info` of a column that holds one field of its model as JSON text."""


def key(name: str, *args: ForeignKey, nullable: bool = False) -> Column[str]:
    """An id, or what is compared like one."""
    return Column(name, KEY, *args, nullable=nullable)


def text(name: str, *, nullable: bool = False) -> Column[str]:
    """Text that is compared for equality at most."""
    return Column(name, Text, nullable=nullable)


def json_text(name: str, *, nullable: bool = False) -> Column[str]:
    """One field of the model as JSON text."""
    return Column(name, Text, nullable=nullable, info=JSON_TEXT)


def integer(name: str) -> Column[int]:
    """A whole number."""
    return Column(name, INT, nullable=False)


def row_number() -> Column[int]:
    """The number of the row, which grows with each insert."""
    return Column("key", INT, primary_key=True, autoincrement=True)


def real(name: str, *, nullable: bool = False) -> Column[float]:
    """A number, e.g. a time in seconds."""
    return Column(name, Double, nullable=nullable)
