"""Databases are named by a path or a URL, and are never made by accident."""

from __future__ import annotations

from pathlib import Path

import pytest

from saga_agent.cli.session import database_file, database_url, open_saga
from saga_agent.errors import InvalidInput, NotFound


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("my.db", "sqlite+aiosqlite:///my.db"),
        ("/data/my.db", "sqlite+aiosqlite:////data/my.db"),
        ("memory://", "memory://"),
        ("postgresql+psycopg://me@host/name", "postgresql+psycopg://me@host/name"),
    ],
)
def test_a_path_becomes_a_url_and_a_url_stays(typed, url):
    assert database_url(typed) == url


@pytest.mark.parametrize("typed", ["", "  ", "what?.db"])
def test_a_name_that_no_url_can_hold_is_refused(typed):
    with pytest.raises(InvalidInput):
        database_url(typed)


def test_the_file_of_a_database_is_known_before_it_is_opened():
    assert database_file("sqlite+aiosqlite:////data/my.db") == Path("/data/my.db")
    assert database_file("memory://") is None


def test_a_missing_file_is_not_made_unless_it_may_be(folder: Path):
    with pytest.raises(NotFound, match="saga import FILE"):
        open_saga("none.db")

    assert list(folder.iterdir()) == []


def test_a_plain_path_with_spaces_opens(folder: Path):
    with open_saga("my novel.db", creates=True) as saga:
        saga.run_sync(saga.story.projects.create(name="x"))

    assert (folder / "my novel.db").exists()
