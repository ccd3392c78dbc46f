"""Drawings: the turn's nodes, and what the agent may call there."""

from __future__ import annotations

from pathlib import Path

import pytest

from saga_agent.agents.agent import Agent
from saga_agent.errors import PolicyError
from saga_agent.graphs.drawing import check_drawings, draw_turn, write_drawings
from saga_agent.tools.policy import Rule
from saga_agent.tools.story.registry import build_story_registry


def build_agent(*tools: str, rules: tuple[Rule, ...] = ()) -> Agent:
    return Agent(name="guide", description="Guides.", prompt="Guide.", tools=tools, rules=rules)


def test_a_drawing_shows_the_turn_and_only_the_agents_own_tools():
    drawing = draw_turn(build_agent("read_document", "create_entity"), build_story_registry())

    assert drawing.startswith("---\n"), "Mermaid wants the front matter first"
    assert "context -.-> model;" in drawing
    assert 'tool -.- tool_read_document["read_document<br/>read: allow"]' in drawing
    assert 'tool -.- tool_create_entity["create_entity<br/>write: ask"]' in drawing
    assert "search_story" not in drawing


def test_a_drawing_tells_what_the_agents_own_rules_decide():
    drawing = draw_turn(
        build_agent("create_entity", rules=(Rule("*", "deny", effect="write"),)), build_story_registry()
    )

    assert "create_entity<br/>write: deny" in drawing


def test_an_agent_with_an_unknown_tool_is_not_drawn():
    with pytest.raises(PolicyError, match="no_such_tool"):
        draw_turn(build_agent("no_such_tool"), build_story_registry())


def test_written_drawings_are_fresh_until_somebody_edits_one(tmp_path: Path):
    assert write_drawings(tmp_path / "graphs") == ["draft.mmd", "revise.mmd"]
    assert check_drawings(tmp_path / "graphs") == []

    (tmp_path / "graphs" / "draft.mmd").write_text("graph TD;\n", encoding="utf-8")

    assert check_drawings(tmp_path / "graphs") == ["draft.mmd"]
    assert write_drawings(tmp_path / "graphs") == ["draft.mmd"]
    assert check_drawings(tmp_path / "graphs") == []
