"""`saga db`: the schema, and databases that cannot be used."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from saga_agent.storage.sql.schema import HEAD
from saga_agent.storage.sql.tables.definitions import VERSION_TABLE


@pytest.fixture
def newer(saga, kennels, folder: Path) -> None:
    """A database that a later version of the code made."""
    with closing(sqlite3.connect(folder / "saga.db")) as connection, connection:
        connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")


def test_a_database_is_made_and_checked(saga, folder: Path):
    assert saga("db", "upgrade").code == 0
    assert saga("db", "check").code == 0
    assert saga("db", "current", "--json").json == {"found": HEAD, "needed": HEAD}
    assert saga("projects", "ls", "--json").json == []


def test_a_missing_database_is_not_made_by_looking(saga, folder: Path):
    for verb in ("check", "current"):
        outcome = saga("db", verb)
        assert outcome.code == 2
        assert "saga db upgrade" in outcome.err
    assert list(folder.iterdir()) == []


def test_memory_has_no_schema(saga):
    assert saga("db", "check", "--database", "memory://").code == 2


@pytest.mark.parametrize(
    "command", [("db", "check"), ("db", "upgrade"), ("projects", "ls"), ("chat", "--message", "hi")], ids=" ".join
)
def test_a_newer_schema_is_refused_in_one_sentence(saga, newer, command):
    outcome = saga(*command)

    assert outcome.code == 1
    assert outcome.err == f"saga: The database has schema 9999, newer than this code's {HEAD}: update saga-agent.\n"


def test_an_import_into_a_newer_database_writes_nothing(saga, newer, story, folder: Path):
    before = (folder / "saga.db").read_bytes()

    assert saga("import", str(story), "--project", "second").code == 1

    assert (folder / "saga.db").read_bytes() == before


@pytest.mark.parametrize(
    "command", [("projects", "ls"), ("db", "check"), ("chat", "--message", "hi"), ("runs", "ls")], ids=" ".join
)
def test_a_file_that_is_no_database_is_refused_and_kept(saga, folder: Path, command):
    (folder / "saga.db").write_bytes(b"once upon a time" * 400)

    outcome = saga(*command)

    assert outcome.code == 1
    assert len(outcome.err.splitlines()) == 1
    assert "no SQLite database" in outcome.err
    assert (folder / "saga.db").read_bytes() == b"once upon a time" * 400


def test_a_folder_that_is_missing_is_named(saga, story):
    outcome = saga("import", str(story), "--project", "x", "--database", "nowhere/saga.db")

    assert outcome.code == 1
    assert "nowhere" in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_an_unknown_kind_of_database_is_wrong_use(saga, story):
    outcome = saga("import", str(story), "--project", "x", "--database", "mysql://host/name")

    assert outcome.code == 2
    assert "mysql" in outcome.err


@pytest.mark.slow  # SQLite waits five seconds for the other process
def test_a_locked_database_is_one_sentence(saga, kennels, story, folder: Path):
    with closing(sqlite3.connect(folder / "saga.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        outcome = saga("import", str(story), "--project", "second")

    assert outcome.code == 1
    assert len(outcome.sentences) == 1
    assert "locked by another process" in outcome.err
    assert [each["name"] for each in saga("projects", "ls", "--json").json] == ["kennels"]
