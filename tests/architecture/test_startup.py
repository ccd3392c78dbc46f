"""`import saga_agent` is next to free: a command line and a host's tests start with it."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "pydantic",
    "langgraph",
    "langchain_core",
    "langchain_openai",
    "sqlalchemy",
    "httpx",
    "openai",
    "tiktoken",
    "typer",
    "rich",
    "asyncio",
}


def modules_after(statement: str) -> set[str]:
    """The modules that a fresh interpreter holds after the statement."""
    program = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("door", ["saga_agent", "saga_agent.evals", "saga_agent.testing"])
def test_importing_a_door_loads_nothing_heavy(door: str):
    loaded = modules_after(f"import {door}, {door} as again; dir(again)")

    assert loaded & HEAVY == set()
    assert {name for name in loaded if name.startswith("saga_agent")} <= {"saga_agent", door}


def test_a_name_loads_what_it_needs_and_no_more():
    loaded = modules_after("from saga_agent import NotFound")

    assert "saga_agent.errors" in loaded
    assert loaded & HEAVY == set()


def test_a_memory_saga_loads_no_sqlalchemy():
    loaded = modules_after("from saga_agent import Saga; Saga.open(database='memory://')")

    assert "saga_agent.app" in loaded
    assert "sqlalchemy" not in loaded
