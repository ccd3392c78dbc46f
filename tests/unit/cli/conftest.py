"""A folder of its own for each test, and the command to run in it."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from saga_agent.cli.main import main
from tests.unit.cli.running import STORY, Outcome

Saga = Callable[..., Outcome]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, empty; no settings of the developer's reach it."""
    for name in list(os.environ):
        if name.startswith(("SAGA_", "OPENAI_", "OPENROUTER_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def saga(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Saga:
    """`saga("runs", "ls")` runs the command; `typed=` is what stands on its stdin."""

    def run(*arguments: str, typed: str = "") -> Outcome:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit_:
            main(arguments)
        printed = capsys.readouterr()
        return Outcome(int(exit_.value.code or 0), printed.out, printed.err)

    return run


@pytest.fixture
def story(folder: Path) -> Path:
    """A manuscript of two chapters."""
    file = folder / "kennels.md"
    file.write_text(STORY, encoding="utf-8")
    return file


@pytest.fixture
def kennels(saga: Saga, story: Path) -> str:
    """The name of a project that holds it."""
    outcome = saga("import", str(story), "--project", "kennels")
    assert outcome.code == 0, outcome.err
    return "kennels"
