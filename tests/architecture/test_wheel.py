"""The wheel holds the package, all of it and nothing else, and works away from the repository."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGE, ROOT

BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    # Without an isolated environment: hatchling is installed beside the tests, so nothing is fetched.
    run([BIN / "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


def run(command: list[str | Path], *, cwd: Path, timeout_seconds: float = 300) -> str:
    """What the command printed; fails with all of it."""
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(command, cwd=cwd, env=clean, capture_output=True, text=True, timeout=timeout_seconds)
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_the_package_and_nothing_else_at_its_top(wheel: Path):
    tops = {name.partition("/")[0] for name in names_in(wheel)}

    assert tops == {"saga_agent", "-".join(wheel.name.split("-")[:2]) + ".dist-info"}


def test_the_wheel_holds_every_file_of_the_package(wheel: Path):
    expected = {
        path.relative_to(ROOT).as_posix() for path in PACKAGE.rglob("*") if path.is_file() and path.suffix != ".pyc"
    }

    names = names_in(wheel)

    assert {name for name in names if name.startswith("saga_agent/")} == expected
    for kind in ("py.typed", "agents/prompts/draft.md", "storage/sql/tables/migrations/env.py"):
        assert f"saga_agent/{kind}" in names
    assert any(name.startswith("saga_agent/samples/") and not name.endswith(".py") for name in names)


@pytest.mark.slow
def test_the_wheel_plays_the_demo_in_an_environment_of_its_own(wheel: Path, tmp_path: Path):
    """Only what pyproject.toml asks for is there: a dependency that is used but not declared fails here."""
    home = tmp_path / "host-app"
    home.mkdir()
    environment = tmp_path / "environment"
    run([BIN / "uv", "venv", "-q", "--python", sys.executable, environment], cwd=home)
    python, constraints = environment / "bin" / "python", ROOT / "constraints.txt"
    install = [BIN / "uv", "pip", "install", "--system-certs", "-q", "--python", python]
    run([*install, "-c", constraints, wheel], cwd=home)

    where = run([environment / "bin" / "python", "-c", "import saga_agent; print(saga_agent.__file__)"], cwd=home)
    told = run([environment / "bin" / "saga", "demo"], cwd=home)

    assert Path(where.strip()).is_relative_to(environment)
    assert told.strip()
