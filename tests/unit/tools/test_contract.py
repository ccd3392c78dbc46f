"""The published contracts: written from the registry, checked without writing."""

from __future__ import annotations

import json
from pathlib import Path

from saga_agent.tools.context import ToolContext
from saga_agent.tools.contract import check_contracts, tool_contract, write_contracts
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import ToolResult


def build_registry(*, description: str = "Count the words.") -> ToolRegistry:
    registry = ToolRegistry()

    async def count_words(ctx: ToolContext, text: str, limit: int = 3) -> ToolResult:
        return ToolResult()

    count_words.__doc__ = f"{description}\n\nArgs:\n    text: What to count.\n"
    registry.tool(effect="read", category="checks", idempotent=True, version=2)(count_words)
    return registry


def test_a_contract_holds_what_the_model_and_the_policy_go_by():
    (tool,) = build_registry()

    assert tool_contract(tool) == {
        "name": "count_words",
        "description": "Count the words.",
        "effect": "read",
        "category": "checks",
        "idempotent": True,
        "question": False,
        "client": False,
        "each_time": False,
        "version": 2,
        "parameters": {
            "type": "object",
            "additionalProperties": False,
            "required": ["text"],
            "properties": {
                "text": {"type": "string", "description": "What to count."},
                "limit": {"type": "integer", "default": 3},
            },
        },
    }


def test_written_contracts_are_fresh(tmp_path: Path):
    tools = build_registry()

    changed = write_contracts(tmp_path / "tools", tools=tools)

    assert changed == ["README.md", "count_words.json"]
    assert check_contracts(tmp_path / "tools", tools=tools) == []
    assert write_contracts(tmp_path / "tools", tools=tools) == []
    (tool,) = tools
    assert json.loads((tmp_path / "tools" / "count_words.json").read_text("utf-8")) == tool_contract(tool)


def test_a_changed_tool_makes_its_files_stale_and_the_check_writes_nothing(tmp_path: Path):
    write_contracts(tmp_path, tools=build_registry())
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    stale = check_contracts(tmp_path, tools=build_registry(description="Count all words."))

    assert stale == ["README.md", "count_words.json"]
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_contract_of_a_tool_that_is_gone_is_stale_and_removed_by_writing(tmp_path: Path):
    write_contracts(tmp_path, tools=build_registry())
    none = ToolRegistry()

    assert check_contracts(tmp_path, tools=none) == ["README.md", "count_words.json"]
    write_contracts(tmp_path, tools=none)

    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
