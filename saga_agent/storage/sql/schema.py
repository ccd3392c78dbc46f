"""The schema's version: made, compared and brought up to date.

An empty database gets the tables straight from `tables/definitions.py`, since alembic takes longer to import than
all the rest;
a test holds that the migrations lead to the same. An older database is brought up by alembic, with the scripts in
`tables/migrations/`.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Column, Connection, Engine, MetaData, PrimaryKeyConstraint, String, Table, inspect, select
from sqlalchemy.schema import SchemaItem

from saga_agent.errors import SchemaMismatch
from saga_agent.storage.sql.engine.backend import Backend
from saga_agent.storage.sql.engine.urls import backend_of
from saga_agent.storage.sql.tables import full_text
from saga_agent.storage.sql.tables.definitions import META, PARTIAL_INDEXES, PREFIX, VERSION_TABLE

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006")
"""All migrations, in order."""
HEAD = REVISIONS[-1]
"""The schema this code works with."""

_VERSION = Table(
    VERSION_TABLE,
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name=f"{VERSION_TABLE}_pkc"),
)


def upgrade(url: str) -> None:
    """Brings the database at `url` to `HEAD`, in one transaction; makes it when it is empty.

    Raises: `SchemaMismatch` when it is newer than this code, `StorageError` when it cannot be used.
    """
    with _schema(backend_of(url)) as conn:
        _refuse_newer(_version(conn))
        _migrate(conn)


def current(url: str) -> str | None:
    """The version of the database at `url`; None when it has none of our tables."""
    backend = backend_of(url)
    if not backend.exists():
        return None
    with _transaction(backend, backend.reader_engine()) as conn:
        return _version(conn)


def check(url: str) -> None:
    """Raises `SchemaMismatch` unless the database at `url` is at `HEAD`."""
    _check(current(url))


def _check(found: str | None) -> None:
    _refuse_newer(found)
    if found != HEAD:
        raise SchemaMismatch(found=found, expected=HEAD, newer=False)


def include_object(
    object: SchemaItem, name: str | None, type_: str, reflected: bool, compare_to: SchemaItem | None
) -> bool:
    """For a host's own alembic, as `context.configure(include_object=include_object)`: our tables are not its to drop.

    Autogenerate finds them in the database and not in the host's metadata. What the metadata names stays the host's,
    whatever it is called.
    """
    if not reflected or compare_to is not None:
        return True
    table: SchemaItem = getattr(object, "table", object)
    return not str(getattr(table, "name", "")).startswith(PREFIX)


def prepare(backend: Backend) -> None:
    """Makes an open database usable: makes the tables of an empty one, upgrades an older one if it is ours alone.

    One that is read-only has to be as this code needs it.
    """
    if backend.is_read_only:
        backend.check_place()
        with _transaction(backend, backend.reader_engine()) as conn:
            return _check(_version(conn))
    with _schema(backend) as conn:
        found = _version(conn)
        _refuse_newer(found)
        if found is None:
            _create(conn)
        elif found != HEAD and backend.upgrades_on_open:
            _migrate(conn)
        elif found != HEAD:
            raise SchemaMismatch(found=found, expected=HEAD, newer=False)


@contextmanager
def _schema(backend: Backend) -> Generator[Connection]:
    """A transaction during which no other process changes the schema."""
    backend.check_place()
    with _transaction(backend, backend.writer_engine()) as conn:
        backend.lock_schema(conn)
        yield conn


@contextmanager
def _transaction(backend: Backend, engine: Engine) -> Generator[Connection]:
    try:
        with engine.begin() as conn:
            yield conn
    except Exception as error:
        explained = backend.explain(error)
        if explained is error:
            raise
        raise explained from error
    finally:
        engine.dispose()


def _version(conn: Connection) -> str | None:
    if not inspect(conn).has_table(VERSION_TABLE):
        return None
    return conn.execute(select(_VERSION.c.version_num)).scalar()


def _refuse_newer(found: str | None) -> None:
    if found is not None and found not in REVISIONS:
        raise SchemaMismatch(found=found, expected=HEAD, newer=True)


def _create(conn: Connection) -> None:
    META.create_all(conn, checkfirst=False)
    for statement in (*PARTIAL_INDEXES, *full_text.STATEMENTS[conn.dialect.name]):
        conn.exec_driver_sql(statement)
    _VERSION.create(conn)
    conn.execute(_VERSION.insert().values(version_num=HEAD))


def _migrate(conn: Connection) -> None:
    # Alembic's import costs more than opening the database; most processes never need it.
    from saga_agent.storage.sql.tables.alembic_runner import migrate

    migrate(conn, HEAD)
