"""Saga Agent with one agent and one tool, on any database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from langchain_core.language_models import BaseChatModel

from benchmarks.peers import task
from saga_agent import Agent, Saga, ToolRegistry
from saga_agent.domain.chunks import TextDelta
from saga_agent.tools.context import ToolContext
from saga_agent.tools.result import ToolResult


def one_tool() -> ToolRegistry:
    """A registry that holds `look_up` alone."""
    registry = ToolRegistry()

    @registry.tool(effect="read")
    async def look_up(context: ToolContext, query: str) -> ToolResult:  # noqa: D417 - the model passes no context
        """Finds what the manuscript says about something.

        Args:
            query: What to look for.
        """
        return ToolResult(data={"text": await task.look_up(query)})

    return registry


def open_saga(database: str, model: str | BaseChatModel) -> Saga:
    """A saga whose only agent has the task's prompt and tool."""
    agent = Agent(name="draft", description="Answers.", prompt=task.PROMPT, tools=("look_up",))
    return Saga.open(database=database, model=model, tools=one_tool(), agents=[agent])


@asynccontextmanager
async def ours(url: str, model: str, *, database: str = "memory://") -> AsyncIterator[task.Ask]:
    """A saga behind that server."""
    async with open_saga(database, f"openai:{model}@{url}") as saga:
        project = await saga.story.projects.create(name="The Old Light")

        async def ask(question: str) -> AsyncIterator[str]:
            thread = await saga.threads.create(project_id=project.id)
            run = await saga.send(thread.id, question)
            async for chunk in run.chunks():
                if isinstance(chunk, TextDelta):
                    yield chunk.delta
            if (state := await run.state()).state != "finished":
                raise RuntimeError(f"the run is {state.state}: {state.reason}")

        yield ask
