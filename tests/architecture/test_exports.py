"""The public names: a change of them is a change of `public_names.txt`, seen in review."""

from __future__ import annotations

import ast
import tomllib
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import saga_agent
import saga_agent.errors
import saga_agent.evals
import saga_agent.testing
from tests.architecture.sources import ROOT

DOORS = [saga_agent, saga_agent.evals, saga_agent.testing]


def committed_names(door: ModuleType) -> list[str]:
    text = Path(__file__).with_name("public_names.txt").read_text(encoding="utf-8")
    return [line.partition(" ")[2] for line in text.splitlines() if line.partition(" ")[0] == door.__name__]


def typed_imports(door: ModuleType) -> dict[str, str]:
    """Name -> module, as type checkers read them under TYPE_CHECKING."""
    tree = ast.parse(Path(str(door.__file__)).read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    return {
        alias.name: str(node.module) for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_the_public_names_are_the_committed_ones(door: ModuleType):
    assert door.__all__ == committed_names(door)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_every_public_name_is_what_type_checkers_see(door: ModuleType):
    imports = typed_imports(door)

    assert sorted(imports) == [name for name in door.__all__ if name != "__version__"]
    for name, module in imports.items():
        assert getattr(door, name) is getattr(import_module(module), name)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_a_door_lists_its_names_and_refuses_others(door: ModuleType):
    assert set(door.__all__) <= set(dir(door))
    with pytest.raises(AttributeError, match="no attribute 'Dragon'"):
        _ = door.Dragon


def test_every_error_of_the_library_is_public():
    errors = {
        name
        for name, value in vars(saga_agent.errors).items()
        if isinstance(value, type) and issubclass(value, saga_agent.errors.SagaError)
    }

    assert errors <= set(saga_agent.__all__)


def test_the_version_is_the_one_of_the_distribution():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert saga_agent.__version__ == project["version"]
