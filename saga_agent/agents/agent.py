"""Agents: who answers, with which instructions, tools and limits; and subagents, whom they call."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources

from langchain_core.language_models import BaseChatModel

from saga_agent.agents.budget import Budget
from saga_agent.domain.given import given
from saga_agent.errors import PolicyError
from saga_agent.tools.policy import Rule
from saga_agent.tools.registry import ToolRegistry

CHECK_TOOLS = (
    "check_consistency",
    "analyze_consistency",
    "find_issues",
    "clarity_check",
    "suggest_connections",
    "generate_template",
    "name_generator",
    "search_images",
    "find_similar_images",
)
READ_TOOLS = (
    "list_documents",
    "read_document",
    "search_story",
    "detect_entities",
    "read_result",
    "ask_question",
    *CHECK_TOOLS,
)
WRITE_TOOLS = ("create_entity", "waive_finding")
UI_TOOLS = ("open_panel", "focus_entity", "show_graph")
STORY_TOOLS = (
    "update_entity",
    "create_relationship",
    "record_fact",
    "commit_decision",
    "propose_edit",
    "genesis_world",
)
PLAN_TOOLS = ("create_entity", "create_relationship", "record_fact", "commit_decision")
SUBAGENTS = ("research", "editor", "outline")
CHAT = "chat"
"""The agent of plain conversation; every app has it, its own or ours."""

_MENTIONABLE = re.compile(r"[a-z][a-z0-9_-]*[a-z0-9]|[a-z]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """One agent; a tool it does not name does not exist for it."""

    name: str
    description: str
    prompt: str
    tools: tuple[str, ...]
    rules: tuple[Rule, ...] = ()
    """A layer of its own over the app's policy; it can only tighten."""
    subagents: tuple[str, ...] = ()
    """Whom it may call, and whom the writer may call in its turns with `@name`."""
    delegates: tuple[Rule, ...] = ()
    """What its subagents may do though it may not itself; only an app's code gives such rights."""
    model: str | BaseChatModel | None = None
    """Its own model, as `Saga.open(model=...)` takes one; None for the app's."""
    max_steps: int = 12
    """Model calls in one turn; the last one gets no tools, so that it answers."""
    budget: Budget | None = None
    """What one turn may take; the app's and the caller's budgets hold as well."""
    retrieves: bool = True
    """Whether passages of the manuscript that fit the message are put before it."""
    hidden: bool = False
    """Whether it is left out where people choose an agent by name."""

    def __post_init__(self) -> None:
        if self.max_steps < 1:
            raise PolicyError(f"Agent {self.name!r}: max_steps must be at least 1.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subagent(Agent):
    """An agent that does one task for another, in a thread of its own; nobody talks with it directly.

    It can do what its own tools and rules allow and all agents above it may do, too.
    """

    max_steps: int = 8


class AgentRegistry:
    """The agents of an app, checked against its tools and one another."""

    def __init__(self, agents: Iterable[Agent], tools: ToolRegistry) -> None:
        self._agents: dict[str, Agent] = {}
        for agent in agents:
            given(agent, Agent, "An agent", wanted="an Agent, as in Agent(name=..., description=..., prompt=...)")
            if agent.name in self._agents:
                raise PolicyError(f"There are two agents named {agent.name!r}; rename one.")
            tools.only(agent.tools)
            self._agents[agent.name] = agent
        self._agents.setdefault(CHAT, _build_chat())
        for agent in self:
            self._check(agent)

    def _check(self, agent: Agent) -> None:
        if isinstance(agent, Subagent) and not _MENTIONABLE.fullmatch(agent.name):
            raise PolicyError(f"{agent.name!r} cannot be written as @name; use small letters, digits, '-' and '_'.")
        for name in agent.subagents:
            if not isinstance(self._agents.get(name), Subagent):
                known = ", ".join(sorted(each.name for each in self if isinstance(each, Subagent)))
                raise PolicyError(
                    f"Agent {agent.name!r} names the subagent {name!r}, which does not exist; there are: {known}."
                )

    def __iter__(self) -> Iterator[Agent]:
        return iter(self._agents.values())

    def get(self, name: str) -> Agent:
        """The agent that the writer talks to; `PolicyError` lists those there are."""
        agent = self._agents.get(name)
        if isinstance(agent, Subagent):
            raise PolicyError(f"{name!r} is a subagent; send the message to another agent, with @{name} in it.")
        if agent is None:
            raise PolicyError(f"There is no agent {name!r}; the agents are {', '.join(self.names())}.")
        return agent

    def along(self, path: Iterable[str]) -> list[Agent]:
        """The agents of a run's path, the writer's first; `PolicyError` for one that does not exist."""
        found: list[Agent] = []
        for name in path:
            if name not in self._agents:
                known = ", ".join(sorted(agent.name for agent in self))
                raise PolicyError(f"There is no agent {name!r}; the agents and subagents are {known}.")
            found.append(self._agents[name])
        return found

    def subagents_of(self, agent: Agent) -> list[Agent]:
        """Those it may call, in its order."""
        return [self._agents[name] for name in agent.subagents]

    def names(self) -> list[str]:
        """The names of the agents that people choose from."""
        return sorted(agent.name for agent in self if not agent.hidden and not isinstance(agent, Subagent))


def build_agents() -> tuple[Agent, ...]:
    """`draft`, who writes, `revise`, who criticises and has no tool that writes, and their subagents."""
    return (
        Agent(
            name="draft",
            description="Writes with you, and keeps the story bible.",
            prompt=_prompt("draft"),
            tools=(*READ_TOOLS, *UI_TOOLS, *WRITE_TOOLS, *STORY_TOOLS),
            subagents=SUBAGENTS,
        ),
        Agent(
            name="revise",
            description="Reads and criticises; never writes.",
            prompt=_prompt("revise"),
            tools=(*READ_TOOLS, *UI_TOOLS),
            subagents=SUBAGENTS,
        ),
        Subagent(
            name="research",
            description="Finds what the manuscript and the bible say about a question, with sources.",
            prompt=_prompt("research"),
            tools=READ_TOOLS,
        ),
        Subagent(
            name="editor",
            description="Edits a passage line by line and gives the reasons.",
            prompt=_prompt("editor"),
            tools=(*READ_TOOLS, "propose_edit"),
        ),
        Subagent(
            name="outline",
            description="Lays out what happens in a stretch of the book, and what it needs.",
            prompt=_prompt("outline"),
            tools=(*READ_TOOLS, *PLAN_TOOLS),
        ),
    )


def _build_chat() -> Agent:
    return Agent(
        name=CHAT,
        description="Talks about writing, without tools and without the manuscript.",
        prompt=_prompt(CHAT),
        tools=(),
        retrieves=False,
        hidden=True,
    )


def _prompt(name: str) -> str:
    return resources.files("saga_agent.agents").joinpath("prompts", f"{name}.md").read_text(encoding="utf-8").strip()
