"""What a turn's graph keeps between its nodes, and what its nodes are given."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Annotated, NotRequired, TypedDict

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AnyMessage
from langgraph.graph.message import add_messages

from saga_agent.agents.agent import Agent
from saga_agent.clock import Clock
from saga_agent.context.builder import ContextBuilder
from saga_agent.domain.journal import Run
from saga_agent.domain.record import JsonObject
from saga_agent.graphs.account import RunAccount, TurnStopped
from saga_agent.models.prices import PriceTable
from saga_agent.storage.ports.journal import Streams
from saga_agent.streams.message import MessageStream
from saga_agent.tools.context import ToolContext
from saga_agent.tools.gate import Gate
from saga_agent.tools.registry import ToolRegistry


class TurnState(TypedDict, total=False):
    """The channels. A run is the checkpointed unit, so this is one turn only; the thread is its messages."""

    manifest: JsonObject
    """What the prompt is made of, by id and revision."""
    messages: Annotated[list[AnyMessage], add_messages]
    """This turn's answers and tool results."""
    step: int
    """How many model calls have been completed."""
    usage: Annotated[list[JsonObject], operator.add]
    """What those calls took, kept here so that pauses and crashes lose no count."""


class CallState(TypedDict):
    """What one tool task is sent."""

    call: JsonObject
    delegates: NotRequired[list[str]]
    """The ids of all calls beside it, itself included, that call a subagent."""


@dataclass(slots=True, kw_only=True)
class TurnContext:
    """What the nodes work with; made anew for each attempt, never checkpointed."""

    run: Run
    agent: Agent
    model: BaseChatModel
    model_name: str
    tools: ToolRegistry
    prompts: ContextBuilder
    gate: Gate
    tool_context: ToolContext
    stream: MessageStream
    clock: Clock
    account: RunAccount
    prices: PriceTable
    log: Streams
    """Where the stream's rows are, those of killed attempts too."""
    finish_reason: str | None = None
    stopped: TurnStopped | None = None
    """Set when a call ended the whole turn: the writer's word, or the loop guard."""

    @property
    def opening_steps(self) -> int:
        """The message's steps before the model's first: one of calls, when the writer named subagents."""
        return 1 if self.run.mentions else 0
