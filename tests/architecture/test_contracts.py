"""The shop windows `tools/` and `graphs/` show what the code does now."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

import pytest
from langgraph.graph.state import CompiledStateGraph

from saga_agent.graphs.drawing import check_drawings
from saga_agent.tools.contract import check_contracts
from saga_agent.tools.typescript import check_types
from tests.architecture.sources import ROOT

Entry = Callable[[], AbstractAsyncContextManager[CompiledStateGraph[Any, Any, Any, Any]]]
REMEDY = "run 'make contracts' and commit the files"


def load_entry(name: str, spec: str) -> Entry:
    """The factory that `langgraph.json` names as `PATH:NAME`, relative to itself."""
    path, _, attribute = spec.partition(":")
    found = spec_from_file_location(f"entry_{name}", ROOT / "graphs" / path)
    assert found is not None
    assert found.loader is not None
    module = module_from_spec(found)
    found.loader.exec_module(module)
    return getattr(module, attribute)


def entries() -> dict[str, str]:
    return json.loads((ROOT / "graphs" / "langgraph.json").read_text(encoding="utf-8"))["graphs"]


@pytest.fixture(params=["draft", "revise"])
async def graph(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[CompiledStateGraph[Any, Any, Any, Any]]:
    monkeypatch.setenv("SAGA_DATABASE", "memory://")
    monkeypatch.setenv("SAGA_MODEL", "offline")
    async with load_entry(request.param, entries()[request.param])() as opened:
        yield opened


def test_the_contracts_of_the_tools_are_fresh():
    assert check_contracts(ROOT / "tools") == [], REMEDY


def test_the_types_for_pages_are_fresh():
    assert check_types(ROOT / "tools") == [], REMEDY


def test_the_drawings_are_fresh():
    assert check_drawings(ROOT / "graphs") == [], REMEDY


def test_every_entry_has_its_drawing():
    assert {f"{name}.mmd" for name in entries()} == {path.name for path in (ROOT / "graphs").glob("*.mmd")}


async def test_an_entry_opens_an_agent_that_answers(graph: CompiledStateGraph[Any, Any, Any, Any]):
    config = {"configurable": {"thread_id": "studio-1"}}

    async with asyncio.timeout(30):
        state = await graph.ainvoke({"messages": [("user", "Which documents are there?")]}, config)

    assert [message.type for message in state["messages"]] == ["human", "ai"]
    assert state["messages"][-1].text


def test_the_shop_windows_hold_no_code_but_thin_entries():
    """What an entry does belongs into `saga_agent`, where it is typed, tested and shipped."""
    code = {
        path: len(path.read_text(encoding="utf-8").splitlines())
        for folder in ("tools", "graphs")
        for path in (ROOT / folder).rglob("*.py")
    }

    assert sorted(path.stem for path in code) == sorted(entries())
    assert max(code.values()) <= 30
