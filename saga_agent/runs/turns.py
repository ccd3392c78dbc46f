"""Putting together what one attempt at a run works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from langchain_core.language_models import BaseChatModel

from saga_agent.agents.agent import AgentRegistry
from saga_agent.clock import Clock
from saga_agent.context.builder import ContextBuilder
from saga_agent.context.summary import Summarizer
from saga_agent.domain.journal import Run
from saga_agent.errors import InvalidInput
from saga_agent.graphs.state import TurnContext
from saga_agent.storage.adapter import Storage
from saga_agent.story.service import StoryService
from saga_agent.streams.message import MessageStream
from saga_agent.tools.context import ToolContext
from saga_agent.tools.gate import Gate
from saga_agent.tools.policy import Policy
from saga_agent.tools.registry import ToolRegistry


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnFactory:
    """Makes the context of a turn for whoever the run belongs to."""

    storage: Storage
    clock: Clock
    tools: ToolRegistry
    agents: AgentRegistry
    policy: Policy
    model: BaseChatModel | None
    model_name: str
    retrieves: bool
    history_budget_tokens: int
    summarizes: bool
    story_of: Callable[[str], StoryService]
    """The story as an owner sees it."""

    def build(self, run: Run, stream: MessageStream) -> TurnContext:
        """The context for this attempt at the run, which writes to that stream.

        Raises: `InvalidInput` when no model is set, `PolicyError` for an agent that is gone.
        """
        if self.model is None:
            raise InvalidInput("No model is set; open the saga with model='offline', 'openai:NAME' or a chat model.")
        agent = self.agents.get(run.agent)
        story, journal = self.story_of(run.owner_id), self.storage.journal
        tools = self.tools.only(agent.tools)
        policy = self.policy.with_layer(f"agent {agent.name}", agent.rules)
        return TurnContext(
            run=run,
            agent=agent,
            model=self.model,
            model_name=self.model_name,
            tools=tools,
            prompts=ContextBuilder(
                story,
                journal.threads,
                history_budget_tokens=self.history_budget_tokens,
                retrieves=self.retrieves,
                summarizer=Summarizer(self.model, journal.threads) if self.summarizes else None,
            ),
            gate=Gate(tools, policy, journal, self.clock, epoch=run.epoch),
            tool_context=ToolContext(
                story=story, project_id=run.project_id, thread_id=run.thread_id, run_id=run.id, agent=agent.name
            ),
            stream=stream,
            clock=self.clock,
        )
