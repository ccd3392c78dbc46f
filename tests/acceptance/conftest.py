"""Terminals for acceptance tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.acceptance.commands import ALICE, Terminal

STORY = "## Chapter 1: Low Water\n\nMara met Tam at the Kennels. Tam laughed. Mara did not.\n"


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """An empty folder."""
    return Terminal(tmp_path, {})


@pytest.fixture(scope="session")
def kennels_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a small project."""
    terminal = Terminal(tmp_path_factory.mktemp("kennels"), {})
    (terminal.folder / "kennels.md").write_text(STORY, encoding="utf-8")
    assert terminal.run("import", "kennels.md", "--project", "kennels").returncode == 0
    return terminal.folder / "saga.db"


@pytest.fixture
def kennels(terminal: Terminal, kennels_database: Path) -> Terminal:
    """A folder with a copy of it."""
    shutil.copy(kennels_database, terminal.folder)
    return terminal


@pytest.fixture(scope="session")
def wonderland(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A folder whose database holds *Alice's Adventures in Wonderland*."""
    if not ALICE.exists():
        pytest.skip(f"the shared novels are not here ({ALICE.name})")
    terminal = Terminal(tmp_path_factory.mktemp("wonderland"), {})
    done = terminal.run("import", str(ALICE), "--project", "alice")
    assert done.returncode == 0, done.stderr
    return terminal
