"""The engine a database URL names."""

from __future__ import annotations

from saga_agent.errors import InvalidInput
from saga_agent.storage.sql.engine.backend import ACCEPTED, Backend, parse
from saga_agent.storage.sql.engine.postgres import PostgresBackend
from saga_agent.storage.sql.engine.sqlite import SqliteBackend

_SQLITE = ("sqlite", "sqlite+aiosqlite", "sqlite+pysqlite")

_POSTGRES = ("postgresql", "postgres", "postgresql+psycopg")


def backend_of(url: str) -> Backend:
    """The engine for that URL; nothing is opened yet.

    Raises: `InvalidInput` for another kind of database, `MissingExtra` when its driver is not installed.
    """
    parts = parse(url)
    if parts.drivername in _SQLITE:
        return SqliteBackend(parts)
    if parts.drivername in _POSTGRES:
        return PostgresBackend(parts)
    raise InvalidInput(f"{parts.drivername!r} is no database this library knows; use {ACCEPTED}.")
