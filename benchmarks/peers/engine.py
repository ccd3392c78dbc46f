"""Our turn graph alone: no journal, no delta log, no gate, no checkpoints. What those cost is measured against it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from benchmarks.peers.ours import one_tool
from benchmarks.peers.task import PROMPT, Ask
from saga_agent import Agent
from saga_agent.agents.budget import Budget
from saga_agent.clock import SystemClock
from saga_agent.context.manifest import Manifest
from saga_agent.domain import chunks as c
from saga_agent.domain.journal import Run
from saga_agent.graphs.account import RunAccount
from saga_agent.graphs.state import TurnContext, TurnState
from saga_agent.graphs.turn import build_turn_graph
from saga_agent.ids import new_id
from saga_agent.models.prices import PriceTable
from saga_agent.models.resolution import resolve_model
from saga_agent.streams.hub import Channel
from saga_agent.streams.message import MessageStream
from saga_agent.tools.context import ToolContext
from saga_agent.tools.gate import Done, RequestedCall
from saga_agent.tools.registry import ToolRegistry


@dataclass
class _UnloggedWriter:
    """Shows chunks to the readers of this process, and stores none."""

    channel: Channel = field(default_factory=Channel)
    last_seq: int = 0

    async def write(self, chunk: c.Chunk) -> None:
        self.channel.publish(chunk)

    async def flush(self) -> None:
        pass


@dataclass
class _OpenGate:
    """Runs every call."""

    tools: ToolRegistry

    async def handle(self, call: RequestedCall, context: ToolContext) -> Done:
        tool = self.tools.find(call.name)
        assert tool is not None
        assert call.arguments is not None
        result = await tool.run(context, call.arguments)
        return Done(result.to_json(), result.ok)


@dataclass
class _Prompts:
    """The prompt without a thread."""

    question: str

    async def build(self, run: Run) -> Manifest:
        return Manifest(project_id=run.project_id, agent=run.agent, user_message_id=run.user_message_id)

    async def load(self, manifest: Manifest, instructions: str) -> list[BaseMessage]:
        return [SystemMessage(instructions), HumanMessage(self.question)]


@asynccontextmanager
async def engine_alone(url: str, model: str) -> AsyncIterator[Ask]:
    """The graph of a turn, compiled without a saver, writing to a message that is not stored."""
    graph = build_turn_graph().compile()
    answers, tools = resolve_model(f"openai:{model}@{url}"), one_tool()
    clock = SystemClock()
    agent = Agent(name="draft", description="Answers.", prompt=PROMPT, tools=("look_up",))

    async def ask(question: str) -> AsyncIterator[str]:
        run = Run(
            id=new_id("run"),
            thread_id="thr",
            project_id="prj",
            owner_id="local",
            user_message_id="msg_1",
            message_id="msg_2",
            stream_id="str",
            agent="draft",
            created_at=0.0,
        )
        writer: Any = _UnloggedWriter()
        nothing: Any = None
        stream = MessageStream(writer, nothing, run)
        parts: dict[str, Any] = {"gate": _OpenGate(tools), "prompts": _Prompts(question)}
        turn = TurnContext(
            run=run,
            agent=agent,
            model=answers,
            model_name=model,
            tools=tools,
            clock=clock,
            stream=stream,
            account=RunAccount(run=run, journal=nothing, clock=clock, budget=Budget()),
            prices=PriceTable(),
            log=nothing,
            tool_context=ToolContext(story=nothing, project_id="prj", thread_id="thr", run_id=run.id, agent="draft"),
            **parts,
        )
        reader = writer.channel.attach()
        work = asyncio.create_task(graph.ainvoke(TurnState(step=0), context=turn, version="v2"))
        work.add_done_callback(lambda _: writer.channel.close())
        while (chunk := await reader.next()) is not None:
            if isinstance(chunk, c.TextDelta):
                yield chunk.delta
        await work

    yield ask
