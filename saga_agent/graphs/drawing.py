"""Drawings of the turn as Mermaid text: the graph, and beside it the tools an agent may call there."""

# LangGraph types its graphs with unions that are partly unknown to checkers.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from saga_agent.agents.agent import Agent, AgentRegistry, build_agents
from saga_agent.agents.delegate import DELEGATE, build_delegate_tool
from saga_agent.graphs.turn import build_turn_graph
from saga_agent.tools.policy import Policy
from saga_agent.tools.registry import Tool, ToolRegistry
from saga_agent.tools.story.registry import build_story_registry


def draw_turn(
    agent: Agent, tools: ToolRegistry, *, policy: Policy | None = None, subagents: Sequence[Agent] = ()
) -> str:
    """The turn of that agent as Mermaid text; each tool says its effect and what the policy decides on a call.

    Subagents stand beside the tool that calls them; each has a turn of the same kind.

    Raises: `PolicyError` when the agent names a tool that does not exist.
    """
    rules = (policy if policy is not None else Policy()).with_layer(f"agent {agent.name}", agent.rules)
    graph = build_turn_graph().compile().get_graph().draw_mermaid().rstrip()
    # The remark comes after the front matter, which must stand first.
    told = graph.replace("graph TD;", f"graph TD;\n\t%% One turn of the agent {agent.name!r}.", 1)
    held = [*tools.only(agent.tools), *([build_delegate_tool(subagents)] if subagents else [])]
    called = [f'\ttool_{DELEGATE} -.-> agent_{each.name}(["@{each.name}"])' for each in subagents]
    return "\n".join([told, *(_tool_line(tool, rules) for tool in held), *called, ""])


def write_drawings(folder: Path) -> list[str]:
    """Writes `<agent>.mmd` of the library's own agents; gives the names of the files that changed."""
    wanted = _files()
    stale = check_drawings(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (folder / name).write_text(wanted[name], encoding="utf-8", newline="\n")
    return stale


def check_drawings(folder: Path) -> list[str]:
    """The names of the drawings that are missing or stale; empty when all are fresh. Writes nothing."""
    return sorted(name for name, text in _files().items() if _read(folder / name) != text)


def _files() -> dict[str, str]:
    tools = build_story_registry()
    agents = AgentRegistry(build_agents(), tools)
    found = [agents.get(name) for name in agents.names()]
    return {f"{agent.name}.mmd": draw_turn(agent, tools, subagents=agents.subagents_of(agent)) for agent in found}


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _tool_line(tool: Tool, policy: Policy) -> str:
    # The prefix keeps a tool named like a node, such as `context`, apart from it.
    decision = policy.explain(tool.name, tool.effect, {}).decision
    verdict = "question" if tool.question and decision != "deny" else decision
    return f'\ttool -.- tool_{tool.name}["{tool.name}<br/>{tool.effect}: {verdict}"]'
