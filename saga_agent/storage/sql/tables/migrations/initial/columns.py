"""The kinds of columns of the first schema."""

from __future__ import annotations

import sqlalchemy as sa

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def key(name: str, *args: sa.ForeignKey, nullable: bool = False) -> sa.Column[str]:
    """An id, or what is compared like one."""
    return sa.Column(name, KEY, *args, nullable=nullable)


def text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    """Text."""
    return sa.Column(name, sa.Text(), nullable=nullable)


def integer(name: str) -> sa.Column[int]:
    """A whole number."""
    return sa.Column(name, INT, nullable=False)


def row_number() -> sa.Column[int]:
    """The number of the row, which grows with each insert."""
    return sa.Column("key", INT, primary_key=True, autoincrement=True)


def real(name: str, *, nullable: bool = False) -> sa.Column[float]:
    """A number, e.g. a time in seconds."""
    return sa.Column(name, sa.Double(), nullable=nullable)


def boolean(name: str, *, nullable: bool = False) -> sa.Column[bool]:
    """Yes or no."""
    return sa.Column(name, sa.Boolean(), nullable=nullable)


def binary(name: str) -> sa.Column[bytes]:
    """Bytes."""
    return sa.Column(name, sa.LargeBinary(), nullable=False)
