"""The migrations, the tables and the way a new database is made lead to one schema."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Integer, MetaData, Table, create_engine

from saga_agent.domain.project import Project
from saga_agent.errors import SchemaMismatch
from saga_agent.storage.sql import schema
from saga_agent.storage.sql.adapter import SqlStorage
from saga_agent.storage.sql.engine.urls import backend_of
from saga_agent.storage.sql.tables.alembic_runner import SCRIPTS
from saga_agent.storage.sql.tables.definitions import META, PARTIAL_INDEXES


def _ours(name: str | None, kind: str, parents: object) -> bool:
    # What is made by statements of its own is compared by the test of the catalogues.
    statements = " ".join(PARTIAL_INDEXES).split()
    by_statement = {"search", "saga_passages_by_word", *(word for word in statements if word.startswith("saga_"))}
    if kind == "table":
        return not str(name).startswith("saga_passages_fts")
    return name not in by_statement


def _catalogue(conn: Connection) -> set[tuple[object, ...]]:
    """Everything the engine knows about its tables, indexes and triggers."""
    if conn.dialect.name == "sqlite":
        rows = conn.exec_driver_sql("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
        return {(kind, name, " ".join(str(sql).split())) for kind, name, sql in rows}
    columns = (
        "SELECT table_name, ordinal_position, column_name, data_type, is_nullable, collation_name, column_default,"
        " generation_expression FROM information_schema.columns WHERE table_schema = 'public'"
    )
    indexes = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"
    constraints = (
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace"
    )
    return {tuple(row) for query in (columns, indexes, constraints) for row in conn.exec_driver_sql(query)}


def _look(url: str, look: Callable[[Connection], object]) -> object:
    engine = create_engine(backend_of(url).url)
    try:
        with engine.connect() as conn:
            return look(conn)
    finally:
        engine.dispose()


def test_the_migrations_give_exactly_the_tables(url: str):
    def differences(conn: Connection) -> object:
        options = {"version_table": schema.VERSION_TABLE, "include_name": _ours, "compare_type": True}
        return compare_metadata(MigrationContext.configure(conn, opts=options), META)

    schema.upgrade(url)

    assert _look(url, differences) == []


@pytest.fixture(params=["sqlite", "postgresql"])
def two_urls(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'one.db'}", f"sqlite:///{tmp_path / 'two.db'}"
    fresh = request.getfixturevalue("fresh_postgres")
    return fresh(), fresh()


async def test_a_new_database_is_the_same_as_a_migrated_one(two_urls: tuple[str, str]):
    made, migrated = two_urls
    async with SqlStorage(made):
        pass
    schema.upgrade(migrated)

    assert _look(made, _catalogue) == _look(migrated, _catalogue)


def test_every_migration_is_listed_in_order():
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    scripts = ScriptDirectory.from_config(config)

    found = [script.revision for script in scripts.walk_revisions()]

    assert tuple(reversed(found)) == schema.REVISIONS
    assert scripts.get_heads() == [schema.HEAD]


def test_a_missing_file_has_no_version_and_stays_missing(sqlite_url: str, tmp_path: Path):
    assert schema.current(sqlite_url) is None
    with pytest.raises(SchemaMismatch, match="saga db upgrade"):
        schema.check(sqlite_url)
    assert list(tmp_path.iterdir()) == []


async def test_upgrade_may_be_repeated_and_keeps_what_is_stored(url: str):
    schema.upgrade(url)
    async with SqlStorage(url) as storage:
        await storage.story.projects.create(Project(id="p", name="A book"))
    schema.upgrade(url)
    schema.check(url)

    assert schema.current(url) == schema.HEAD
    async with SqlStorage(url) as storage:
        assert (await storage.story.projects.get("p")).name == "A book"


async def test_tables_of_a_host_are_left_alone(url: str):
    """The database may be the host's own, with a version table of its own alembic."""
    engine = create_engine(backend_of(url).url)
    with engine.begin() as conn:
        conn.exec_driver_sql("CREATE TABLE projects (id TEXT)")
        conn.exec_driver_sql("CREATE TABLE alembic_version (version_num TEXT)")
        conn.exec_driver_sql("INSERT INTO alembic_version VALUES ('host-7')")
    engine.dispose()

    async with SqlStorage(url) as storage:
        await storage.story.projects.create(Project(id="p", name="A book"))

    def host(conn: Connection) -> object:
        return conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()

    assert _look(url, host) == "host-7"
    assert schema.current(url) == schema.HEAD


def test_processes_that_upgrade_at_the_same_time_agree(url: str):
    code = "import sys; from saga_agent.storage.sql import schema; schema.upgrade(sys.argv[1])"
    upgrades = [
        subprocess.Popen([sys.executable, "-c", code, url], stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    for upgrade in upgrades:
        _, stderr = upgrade.communicate()  # the suite's own limit on a test is the only one: machines are busy
        assert upgrade.returncode == 0, stderr
    schema.check(url)


def test_opening_a_database_does_not_import_alembic(sqlite_url: str):
    code = (
        "import asyncio, sys\n"
        "from saga_agent.storage.sql.adapter import SqlStorage\n"
        "async def main():\n"
        "    async with SqlStorage(sys.argv[1]): pass\n"
        "asyncio.run(main())\n"
        "print([name for name in ('alembic', 'psycopg', 'sqlalchemy.dialects.postgresql') if name in sys.modules])"
    )
    for _ in ("new", "up to date"):
        done = subprocess.run([sys.executable, "-c", code, sqlite_url], capture_output=True, text=True)
        assert done.stdout.strip() == "[]", done.stderr


async def test_a_hosts_autogenerate_leaves_our_tables_alone(url: str):
    """The host's metadata names one of its two tables, as when the other was dropped from its code."""
    host = MetaData()
    Table("chapters", host, Column("id", Integer, primary_key=True))
    async with SqlStorage(url):
        pass
    engine = create_engine(backend_of(url).url)
    with engine.begin() as conn:
        conn.exec_driver_sql("CREATE TABLE chapters (id INTEGER PRIMARY KEY)")
        conn.exec_driver_sql("CREATE TABLE old_chapters (id INTEGER PRIMARY KEY)")
    engine.dispose()

    def wanted(conn: Connection) -> list[tuple[str, str]]:
        options = {"include_object": schema.include_object}
        found: list[Any] = compare_metadata(MigrationContext.configure(conn, opts=options), host)
        return [(str(each[0]), str(each[1])) for each in found if each[0] == "remove_table"]

    assert _look(url, wanted) == [("remove_table", "old_chapters")]
