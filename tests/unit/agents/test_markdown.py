"""Agents from Markdown files."""

from __future__ import annotations

from pathlib import Path

import pytest

from saga_agent.agents.agent import Subagent
from saga_agent.agents.budget import Budget
from saga_agent.agents.markdown import load_agents
from saga_agent.domain.rules import Rule
from saga_agent.errors import InvalidInput, PolicyError, SagaError
from saga_agent.tools.story.registry import build_story_registry

GOOD = """---
description: Checks facts.
mode: subagent
tools: [search_story, read_document]
model: offline
max_steps: 5
budget: {tokens: 20000, seconds: 60.0}
rules:
  - {tool: read_document, decision: ask, reason: long}
---
Check every date twice.
"""


def write(folder: Path, text: str, name: str = "fact-checker.md") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_makes_an_agent(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    (found,) = load_agents(tmp_path, build_story_registry())

    assert isinstance(found, Subagent)
    assert (found.name, found.prompt, found.model) == ("fact-checker", "Check every date twice.", "offline")
    assert found.tools == ("search_story", "read_document")
    assert found.rules == (Rule("read_document", "ask", reason="long"),)
    assert (found.max_steps, found.budget) == (5, Budget(tokens=20_000, seconds=60))


def test_what_is_left_out_has_the_defaults(tmp_path: Path) -> None:
    write(tmp_path, "---\ndescription: Talks.\nname: talker\n---\nTalk.\n")
    (found,) = load_agents(tmp_path, build_story_registry())

    assert (type(found).__name__, found.name, found.tools, found.max_steps) == ("Agent", "talker", (), 12)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (("mode: subagent", "mode: both"), "'mode'"),
        (("max_steps: 5", "max_step: 5"), "'max_step' is no key; use description, name, mode"),
        (("tokens: 20000", "token: 20000"), "'budget.token' is no key; use steps, tokens"),
        (("tokens: 20000", "tokens: -1"), "'budget'"),
        (("max_steps: 5", "max_steps: 0"), "'max_steps'"),
        (("max_steps: 5", "max_steps: five"), "'max_steps'"),
        (("read_document]", "raed_document]"), "'tools': There is no tool 'raed_document'"),
        (("[search_story, read_document]", "search_story"), "'tools'"),
        (("decision: ask", "decision: maybe"), "'rules'.*'maybe'"),
        (("decision: ask", "decison: ask"), "'rules'.*'decison'"),
        (("decision: ask", "decision: ask, effect: wirte"), "'rules'.*'wirte'"),
        (("{tool: read_document", "{tool: raed_document"), "'rules'.*raed_document"),
        (("model: offline", "delegates: []"), "'delegates' is no key"),
        (("description: Checks facts.\n", ""), "'description'"),
        (("Check every date twice.", ""), "a prompt below"),
        (("mode: subagent", "mode: [unclosed"), "'mode' could not be read"),
    ],
)
def test_what_an_agent_cannot_have_is_refused_by_file_and_key(
    tmp_path: Path, change: tuple[str, str], error: str
) -> None:
    assert change[0] in GOOD
    path = write(tmp_path, GOOD.replace(*change))

    with pytest.raises(PolicyError, match=error) as refused:
        load_agents(tmp_path, build_story_registry())

    assert str(refused.value).startswith(str(path))


def test_a_folder_without_agents_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="holds no agent"):
        load_agents(tmp_path / "nowhere", build_story_registry())


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.md").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(SagaError, match=r"x\.md"):
        load_agents(tmp_path, build_story_registry())
