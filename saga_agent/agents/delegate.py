"""The tool `delegate`: the one way from an agent to a subagent.

Its arguments are a name and a task, and nothing else: what the subagent may do, with which model and in which thread,
is not for a model to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from saga_agent.agents.agent import Agent
from saga_agent.tools.arguments import TypedArguments
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import Tool
from saga_agent.tools.result import ToolFailure, ToolResult

DELEGATE = "delegate"
_MAX_TASK = 200_000
_DESCRIPTION = (
    "Give a task to a subagent, who works on it alone and reports back. It sees the task and the story, not this "
    "talk, so put into the task what it must know. What it may do, it is asked for itself."
)


def build_delegate_tool(subagents: Sequence[Agent]) -> Tool:
    """The tool for an agent that may call these; its own effect is to read, since what a subagent does is gated too."""
    offered = "; ".join(f"{agent.name}: {agent.description}" for agent in subagents)
    return Tool(
        name=DELEGATE,
        description=f"{_DESCRIPTION} The subagents are {offered}",
        effect="read",
        category="agents",
        arguments=TypedArguments(_arguments(tuple(agent.name for agent in subagents))),
        idempotent=True,
        timeout_seconds=None,
        function=_delegate,
    )


@lru_cache(maxsize=64)
def _arguments(names: tuple[str, ...]) -> type[BaseModel]:
    one_of_them: Any = Literal[names]
    return create_model(
        "delegate_arguments",
        __config__=ConfigDict(extra="forbid", frozen=True),
        agent=(one_of_them, Field(description="Who does it.")),
        task=(str, Field(min_length=1, max_length=_MAX_TASK, description="What to do, complete in itself.")),
    )


async def _delegate(context: ToolContext, agent: str, task: str) -> ToolResult:
    if context.delegation is None:
        raise ToolFailure("unavailable", "No subagents can be called here.")
    return await context.delegation.run(agent, task, call_id=context.call_id)
