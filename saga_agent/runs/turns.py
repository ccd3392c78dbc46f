"""Putting together what one attempt at a run works with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from saga_agent.agents.agent import Agent, AgentRegistry
from saga_agent.agents.ancestry import policy_along
from saga_agent.agents.budget import Budget, strictest
from saga_agent.agents.delegate import DELEGATE, build_delegate_tool
from saga_agent.agents.models import AgentModels
from saga_agent.clock import Clock
from saga_agent.context.builder import ContextBuilder
from saga_agent.context.summary import Summarizer
from saga_agent.domain.journal import Run, Usage
from saga_agent.domain.project import Project
from saga_agent.domain.requests import Approval
from saga_agent.errors import NoModel, PolicyError
from saga_agent.graphs.account import RunAccount
from saga_agent.graphs.state import TurnContext
from saga_agent.models.prices import PriceTable
from saga_agent.models.side import SideModel
from saga_agent.runs.brief import budget_in
from saga_agent.runs.delegation import RunDelegation
from saga_agent.runs.settings import CallSettings, TurnSettings
from saga_agent.storage.adapter import Storage
from saga_agent.storage.patience import insist, patient
from saga_agent.storage.ports.journal import Journal
from saga_agent.story.service import StoryService
from saga_agent.streams.hub import StreamHub
from saga_agent.streams.message import MessageStream
from saga_agent.tools.claims import ModelClaimExtractor
from saga_agent.tools.context import ToolContext
from saga_agent.tools.gate import Gate
from saga_agent.tools.policy import Policy, check_tools
from saga_agent.tools.registry import Tool, ToolRegistry
from saga_agent.tools.worlds import ModelWorldWriter


def check_rules(policy: Policy, agents: AgentRegistry, tools: ToolRegistry) -> None:
    """Raises `PolicyError` for a rule, of the app or of an agent, that names a tool which does not exist."""
    policy.check(tools, also=(DELEGATE,))
    for agent in agents:
        rules = (*agent.rules, *agent.delegates)
        check_tools(rules, tools, place=f"Agent {agent.name!r}", also=(DELEGATE,))


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnFactory:
    """Makes the context of a turn for whoever the run belongs to."""

    storage: Storage
    hub: StreamHub
    clock: Clock
    tools: ToolRegistry
    agents: AgentRegistry
    policy: Policy
    """The app's own."""
    settings: TurnSettings
    calls: CallSettings
    models: AgentModels
    prices: PriceTable
    retrieves: bool
    story_of: Callable[[str], StoryService]
    """The story as an owner sees it."""

    async def build(
        self,
        run: Run,
        stream: MessageStream,
        *,
        earlier: Sequence[Usage],
        take_up: Callable[[Run], None],
        claim: Callable[[Run], Run] | None = None,
    ) -> TurnContext:
        """The context for this attempt at the run, which writes to that stream.

        Args:
            run: As its holder has it.
            stream: The message it writes.
            earlier: What earlier attempts took.
            take_up: Has a child's run executed, unless somebody is at work on it.
            claim: Gives a child's run its holder before it is queued.

        Raises: `NoModel`, `PolicyError` for an agent that is gone, `StorageError`.
        """
        named = self.models.find(run.agent)
        if named is None:
            raise NoModel
        *above, agent = self.agents.along(run.path)
        story, journal = self.story_of(run.owner_id), patient(self.storage.journal)
        tools = self._tools_of(run, agent)
        place = await insist(lambda: story.reading(run.project_id))
        account = RunAccount(run, journal, self.clock, await self._budget_of(run, agent, journal), earlier)
        side = SideModel(named.model, lambda call: account.add_side(call, model=named.name, prices=self.prices))
        summarizer = Summarizer(side, journal.threads) if self.settings.summarizes else None
        delegation = RunDelegation(
            run, journal, self.hub, self.clock, stream=stream, account=account, take_up=take_up, claim=claim
        )
        return TurnContext(
            run=run,
            agent=agent,
            model=named.model,
            model_name=named.name,
            tools=tools,
            prices=self.prices,
            prompts=ContextBuilder(
                story,
                journal.threads,
                history_budget_tokens=self.settings.history_budget_tokens,
                retrieves=self.retrieves and agent.retrieves,
                summarizer=summarizer,
                place=place,
            ),
            gate=self._gate(run, tools, self._policy_of(place[0], [*above, agent])),
            tool_context=ToolContext(
                story=story,
                project_id=run.project_id,
                thread_id=run.thread_id,
                run_id=run.id,
                agent=agent.name,
                owner_id=run.owner_id,
                root_run_id=run.root_run_id or "",
                agent_path=run.path,
                delegation=delegation,
                extractor=ModelClaimExtractor(side) if self.settings.assists else None,
                world_writer=ModelWorldWriter(side) if self.settings.assists else None,
            ),
            stream=stream,
            log=journal.streams,
            account=account,
            clock=self.clock,
        )

    def tool_of(self, approval: Approval) -> Tool | None:
        """The tool that an approval asks for; None where this process has no tool of that name."""
        if approval.tool != DELEGATE:
            return self.tools.find(approval.tool)
        try:
            *_, agent = self.agents.along(approval.agent_path or (approval.agent,))
        except PolicyError:
            return None
        return build_delegate_tool(self.agents.subagents_of(agent)) if agent.subagents else None

    def _policy_of(self, project: Project, agents: Sequence[Agent]) -> Policy:
        """The app's rules, the project's, which can only tighten, and those of the agents."""
        return policy_along(self.policy.for_project(project), agents)

    def _gate(self, run: Run, tools: ToolRegistry, policy: Policy) -> Gate:
        calls = self.calls
        return Gate(
            tools,
            policy,
            self.storage.journal,
            self.clock,
            epoch=run.epoch,
            hooks=calls.hooks,
            loops=calls.loop_limits,
            approval_ttl_seconds=calls.approval_ttl_seconds,
            unattended=calls.unattended,
        )

    def _tools_of(self, run: Run, agent: Agent) -> ToolRegistry:
        tools = self.tools.only(agent.tools)
        if agent.subagents and len(run.path) <= self.settings.delegation_depth:
            tools.add(build_delegate_tool(self.agents.subagents_of(agent)))
        return tools

    async def _budget_of(self, run: Run, agent: Agent, journal: Journal) -> Budget:
        handed_down = Budget()
        if run.parent_run_id is not None:
            task = await journal.threads.message(run.user_message_id)
            handed_down = budget_in(task)
        return strictest(self.settings.budget, agent.budget, handed_down)
