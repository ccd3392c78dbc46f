"""Agents and subagents: what is refused when they are put together, and the built-in ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from saga_agent.agents.agent import Agent, AgentRegistry, Subagent, build_agents
from saga_agent.agents.delegate import build_delegate_tool
from saga_agent.app import Saga
from saga_agent.domain.record import content_hash
from saga_agent.errors import InvalidInput, PolicyError
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.story.registry import build_story_registry


def agent(name: str = "draft", *, kind: type[Agent] = Agent, **fields: Any) -> Agent:
    return kind(name=name, description="An agent.", prompt="Do.", tools=(), **fields)


def test_the_built_in_agents_fit_the_story_tools() -> None:
    registry = AgentRegistry(build_agents(), build_story_registry())

    assert registry.names() == ["draft", "revise"]
    assert [each.name for each in registry.subagents_of(registry.get("draft"))] == ["research", "editor", "outline"]


def test_what_revise_and_its_helpers_hold_changes_nothing() -> None:
    """What a subagent may do is what all above it hold, so `revise` cannot write through one either."""
    registry, tools = AgentRegistry(build_agents(), build_story_registry()), build_story_registry()

    effects = {tool.effect for tool in tools.only(registry.get("revise").tools)}
    assert effects <= {"read", "ui"}


PROMPTS = {
    "draft": "435a670c670d",
    "revise": "f356f5e402e0",
    "research": "89574f007c02",
    "editor": "790fea31318e",
    "outline": "b3d16e375bed",
    "chat": "7f0adc3c2766",
}


@pytest.mark.parametrize("name", PROMPTS)
def test_the_prompts_are_as_reviewed(name: str) -> None:
    """A prompt is a contract with the models: a change of one is seen here, and decided on."""
    (found,) = AgentRegistry(build_agents(), build_story_registry()).along([name])

    assert content_hash(found.prompt)[:12] == PROMPTS[name]


@pytest.mark.parametrize(
    ("agents", "error"),
    [
        ([agent(), agent()], "two agents named 'draft'"),
        ([agent(subagents=("ghost",))], "names the subagent 'ghost', which does not exist"),
        ([agent(subagents=("revise",)), agent("revise")], "names the subagent 'revise'"),
        ([agent("Big One", kind=Subagent)], "cannot be written as @name"),
        ([replace(agent(), tools=("fly",))], "There is no tool 'fly'"),
    ],
)
def test_agents_that_do_not_fit_are_refused(agents: list[Agent], error: str) -> None:
    with pytest.raises(PolicyError, match=error):
        AgentRegistry(agents, ToolRegistry())


def test_an_agents_own_model_is_resolved_when_the_saga_is_opened() -> None:
    with pytest.raises(InvalidInput, match="no-such-model"):
        Saga.open(database="memory://", agents=[agent(model="no-such-model")], tools=ToolRegistry())


def test_delegate_names_the_subagents_and_takes_nothing_else() -> None:
    tool = build_delegate_tool([agent("research", kind=Subagent), agent("editor", kind=Subagent)])

    assert "research: An agent.; editor: An agent." in tool.description
    assert tool.parameters()["properties"]["agent"]["enum"] == ["research", "editor"]  # pyright: ignore
    assert tool.parameters()["additionalProperties"] is False
    assert (tool.effect, tool.idempotent, tool.timeout_seconds) == ("read", True, None)
