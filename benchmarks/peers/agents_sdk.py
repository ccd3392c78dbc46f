"""openai-agents, as its documentation streams, tracing off; it stores nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agents import Agent, OpenAIChatCompletionsModel, Runner, function_tool, set_tracing_disabled
from openai import AsyncOpenAI
from openai.types.responses import ResponseTextDeltaEvent

from benchmarks.peers.task import PROMPT, Ask, look_up


@asynccontextmanager
async def agents_sdk(url: str, model: str) -> AsyncIterator[Ask]:
    """An agent with one function tool."""
    set_tracing_disabled(True)
    async with AsyncOpenAI(base_url=url, api_key="none") as client:
        answers = OpenAIChatCompletionsModel(model=model, openai_client=client)
        agent = Agent(name="draft", instructions=PROMPT, model=answers, tools=[function_tool(look_up)])

        async def ask(question: str) -> AsyncIterator[str]:
            async for event in Runner.run_streamed(agent, question).stream_events():
                if event.type == "raw_response_event" and isinstance(event.data, ResponseTextDeltaEvent):
                    yield event.data.delta

        yield ask
