"""Databases that cannot be used are refused in words that say what to do, and are left as they are."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from saga_agent.domain.project import Project
from saga_agent.errors import InvalidInput, SchemaMismatch, StorageCorrupt, StorageUnavailable
from saga_agent.storage.sql import schema
from saga_agent.storage.sql.adapter import SqlStorage
from saga_agent.storage.sql.engine import sqlite


async def _open(url: str) -> None:
    async with SqlStorage(url):
        pass


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "saga.db"


async def test_a_missing_folder_is_named(tmp_path: Path):
    with pytest.raises(StorageUnavailable, match=r"nowhere' is missing"):
        await _open(f"sqlite:///{tmp_path / 'nowhere' / 'saga.db'}")
    assert list(tmp_path.iterdir()) == []


async def test_a_folder_is_no_database(tmp_path: Path):
    with pytest.raises(StorageUnavailable, match="it is a folder"):
        await _open(f"sqlite:///{tmp_path}")


async def test_a_file_that_is_no_database_is_left_alone(path: Path):
    path.write_text("It was a dark and stormy night. " * 100)
    with pytest.raises(StorageCorrupt, match=r"saga\.db' is damaged, or no SQLite database"):
        await _open(f"sqlite:///{path}")
    assert path.read_text() == "It was a dark and stormy night. " * 100


async def test_a_damaged_file_is_reported_by_the_verb_that_meets_it(sqlite_url: str, path: Path):
    async with SqlStorage(sqlite_url) as storage:
        for number in range(200):
            await storage.story.projects.create(Project(id=f"p{number}", name="A book", settings={"x": "y" * 500}))
    content = bytearray(path.read_bytes())
    with closing(sqlite3.connect(path)) as conn:
        (root,) = conn.execute("SELECT rootpage FROM sqlite_master WHERE name = 'saga_projects'").fetchone()
        (size,) = conn.execute("PRAGMA page_size").fetchone()
    content[(root - 1) * size : root * size] = b"\xff" * size
    path.write_bytes(content)

    async with SqlStorage(sqlite_url) as storage:
        with pytest.raises(StorageCorrupt, match="restore it from a copy"):
            await storage.story.projects.list("local")
        with pytest.raises(StorageCorrupt, match="restore it from a copy"):
            await storage.story.projects.create(Project(id="new", name="A book"))


async def test_a_locked_file_is_refused_after_the_timeout(sqlite_url: str, path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sqlite, "LOCK_PATIENCE_SECONDS", 0.3)
    await _open(sqlite_url)
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageUnavailable, match=r"saga\.db' is locked by another process \(waited 0\.3 s\)"):
            await _open(sqlite_url)


_AS_NOBODY = """
import asyncio, concurrent.futures.thread, os, sys  # what is imported later may not be readable to nobody
from saga_agent.storage.sql.adapter import SqlStorage
import sqlalchemy.dialects.sqlite
if os.geteuid() == 0:
    os.setuid(65534)  # for root nothing is read-only

async def main():
    try:
        async with SqlStorage(sys.argv[1]):
            pass
    except Exception as error:
        print(type(error).__name__, error)

asyncio.run(main())
"""


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that other users reach, which those of pytest are not."""
    with tempfile.TemporaryDirectory(prefix="saga-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
        Path(folder).chmod(0o755)


def _open_as_nobody(path: Path) -> str:
    command = [sys.executable, "-c", _AS_NOBODY, f"sqlite:///{path}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    return done.stdout


def test_a_read_only_file_can_be_opened(public_folder: Path):
    path = public_folder / "saga.db"
    schema.upgrade(f"sqlite:///{path}")
    path.chmod(0o444)
    public_folder.chmod(0o555)

    assert _open_as_nobody(path) == "", "nothing went wrong"


def test_a_folder_that_is_closed_to_the_user_is_refused(public_folder: Path):
    inner = public_folder / "mine"
    inner.mkdir(mode=0o700 if os.geteuid() == 0 else 0o000)

    said = _open_as_nobody(inner / "deeper" / "saga.db")

    assert said.startswith("StorageUnavailable")
    assert "closed to you" in said


async def test_a_newer_schema_is_refused_and_nothing_written(sqlite_url: str, path: Path):
    await _open(sqlite_url)
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("UPDATE saga_schema SET version_num = '9999'")
        conn.commit()
    before = path.read_bytes()

    with pytest.raises(SchemaMismatch, match="newer") as refused:
        await _open(sqlite_url)
    with pytest.raises(SchemaMismatch, match="newer"):
        schema.upgrade(sqlite_url)

    assert (refused.value.found, refused.value.newer) == ("9999", True)
    assert path.read_bytes() == before


async def test_an_unreachable_server_is_named_without_the_password(tmp_path: Path):
    url = f"postgresql+psycopg://anna:geheim@/books?host={tmp_path}"
    with pytest.raises(StorageUnavailable, match="PostgreSQL database 'books'") as refused:
        await _open(url)
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite://", "needs the path of a file"),
        ("sqlite:///:memory:", "memory://"),
        ("mysql://localhost/books", "'mysql' is no database"),
        ("anna:geheim", "cannot be read"),
    ],
)
def test_a_url_that_names_no_database_is_refused(url: str, says: str):
    with pytest.raises(InvalidInput, match=says) as refused:
        SqlStorage(url)
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+aiosqlite"])
async def test_both_spellings_of_sqlite_mean_the_same_file(scheme: str, path: Path):
    storage = SqlStorage(f"{scheme}:///{path}")
    await storage.open()
    await storage.close()
    assert storage.path == path
    assert path.exists()


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
async def test_all_spellings_of_postgresql_mean_psycopg(scheme: str, postgres_url: str):
    async with SqlStorage(scheme + postgres_url.removeprefix("postgresql")) as storage:
        assert storage.path is None
        await storage.story.projects.create(Project(id="p", name="A book"))


def test_postgresql_without_its_driver_names_the_extra():
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from saga_agent.errors import MissingExtra\n"
        "from saga_agent.storage.sql.adapter import SqlStorage\n"
        "try: SqlStorage('postgresql://localhost/books')\n"
        "except MissingExtra as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert "saga-agent[postgres]" in done.stdout, done.stderr
