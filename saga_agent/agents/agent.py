"""Agents: who answers, with which instructions, tools and limits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources

from saga_agent.errors import PolicyError
from saga_agent.tools.policy import Rule
from saga_agent.tools.registry import ToolRegistry

READ_TOOLS = ("list_documents", "read_document", "search_story", "detect_entities", "ask_question")
WRITE_TOOLS = ("create_entity",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """One agent; a tool it does not name does not exist for it."""

    name: str
    description: str
    prompt: str
    tools: tuple[str, ...]
    rules: tuple[Rule, ...] = ()
    """A layer of its own over the app's policy; it can only tighten."""
    max_steps: int = 12
    """Model calls in one turn; the last one gets no tools, so that it answers."""

    def __post_init__(self) -> None:
        if self.max_steps < 1:
            raise PolicyError(f"Agent {self.name!r}: max_steps must be at least 1.")


class AgentRegistry:
    """The agents of an app, checked against its tools."""

    def __init__(self, agents: Iterable[Agent], tools: ToolRegistry) -> None:
        self._agents: dict[str, Agent] = {}
        for agent in agents:
            if agent.name in self._agents:
                raise PolicyError(f"There are two agents named {agent.name!r}; rename one.")
            tools.only(agent.tools)
            self._agents[agent.name] = agent

    def get(self, name: str) -> Agent:
        """The agent; `PolicyError` lists those there are."""
        if name not in self._agents:
            raise PolicyError(f"There is no agent {name!r}; the agents are {', '.join(sorted(self._agents))}.")
        return self._agents[name]

    def names(self) -> list[str]:
        """The agents' names."""
        return sorted(self._agents)


def build_agents() -> tuple[Agent, ...]:
    """`draft`, who writes, and `revise`, who criticises and has no tool that writes."""
    return (
        Agent(
            name="draft", description="Writes with you, and keeps the story bible.",
            prompt=_prompt("draft"), tools=(*READ_TOOLS, *WRITE_TOOLS),
        ),
        Agent(
            name="revise", description="Reads and criticises; never writes.",
            prompt=_prompt("revise"), tools=READ_TOOLS,
        ),
    )  # fmt: skip


def _prompt(name: str) -> str:
    return resources.files("saga_agent.agents").joinpath("prompts", f"{name}.md").read_text(encoding="utf-8").strip()
