"""The types for TypeScript pages: written from the tools and the data parts, checked without writing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import pytest

from saga_agent.domain.data_parts import DATA_PARTS
from saga_agent.domain.record import Model
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import ToolResult
from saga_agent.tools.typescript import check_types, typescript, write_types


class Span(Model):
    start: int
    end: int | None = None


@pytest.fixture
def tools() -> ToolRegistry:
    registry = ToolRegistry()

    @registry.tool(effect="read", category="checks")
    async def count_words(
        ctx: ToolContext,
        text: str,
        spans: list[Span],
        kind: Literal["all", "names"] = "all",
        weights: dict[str, float] | None = None,
    ) -> ToolResult:
        """Count the words.

        Args:
            text: What to count.
            spans: Where.
            kind: Which.
            weights: By word.
        """
        return ToolResult()

    return registry


def test_a_tools_arguments_have_a_type(tools: ToolRegistry):
    types = typescript(tools)

    assert "export type CountWordsInputSpan = {\n  start: number;\n  end?: number | null;\n};" in types
    for field in (
        "text: string;",
        "spans: CountWordsInputSpan[];",
        'kind?: "all" | "names";',
        "weights?: { [name: string]: number } | null;",
        "/** What to count. */",
    ):
        assert f"  {field}\n" in types
    assert "  count_words: { input: CountWordsInput; output: ToolOutput };" in types


def test_every_data_part_has_a_type(tools: ToolRegistry):
    types = typescript(tools)

    assert '  state: "requested" | "approved" | "denied";' in types
    assert all(f"  {name}: {name.capitalize()}Part;" in types for name in DATA_PARTS)


def test_a_written_file_is_fresh_until_the_tools_change(tools: ToolRegistry, tmp_path: Path):
    changed = write_types(tmp_path / "tools", tools=tools)

    assert "saga.ts" in changed
    assert write_types(tmp_path / "tools", tools=tools) == []
    assert check_types(tmp_path / "tools", tools=tools) == []
    assert check_types(tmp_path / "tools", tools=ToolRegistry()) == ["saga.ts"]


def test_a_part_that_is_no_more_loses_its_schema(tools: ToolRegistry, tmp_path: Path):
    write_types(tmp_path, tools=tools)
    (tmp_path / "data" / "weather.json").write_text("{}", encoding="utf-8")

    assert check_types(tmp_path, tools=tools) == ["data/weather.json"]
    write_types(tmp_path, tools=tools)

    assert not (tmp_path / "data" / "weather.json").exists()
    schema = json.loads((tmp_path / "data" / "notice.json").read_text("utf-8"))
    assert schema["required"] == ["text"]
