"""Whether a call may run, and which rule of which layer says so."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from saga_agent.agents.agent import AgentRegistry, build_agents
from saga_agent.agents.ancestry import policy_along
from saga_agent.cli.rendering.tables import build_table
from saga_agent.domain.project import Project
from saga_agent.domain.record import JsonObject
from saga_agent.tools.judgement import explain_call
from saga_agent.tools.policy import Policy, Ruling
from saga_agent.tools.registry import Tool
from saga_agent.tools.story.registry import build_story_registry

_STYLES = {"allow": "good", "ask": "ask", "deny": "bad"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A verdict on a call of an agent; `verdict` is None when the agent does not have the tool."""

    tool: str
    agent: str
    verdict: Ruling | None

    def to_dict(self) -> JsonObject:
        """The verdict as JSON."""
        layers = self.verdict.layers if self.verdict else ()
        return {
            "tool": self.tool,
            "agent": self.agent,
            "decision": self.verdict.decision if self.verdict else "deny",
            "why": self.why,
            "layers": [{"layer": said.layer, "rule": str(said.rule)} for said in layers],
        }

    @property
    def why(self) -> str:
        """The deciding rule in words."""
        return self.verdict.why if self.verdict else f"agent {self.agent} does not have this tool"


def explain(tool: Tool, arguments: JsonObject, *, agent: str, project: Project | None = None) -> Explained:
    """The verdict of the default policy, and of the project's rules; `PolicyError` for an agent that does not exist.

    `draft/outline` is the subagent `outline` as `draft` calls it.
    """
    chain = AgentRegistry(build_agents(), build_story_registry()).along(agent.split("/"))
    if tool.name not in chain[-1].tools:
        return Explained(tool=tool.name, agent=agent, verdict=None)
    policy = policy_along(Policy().for_project(project) if project else Policy(), chain)
    return Explained(tool=tool.name, agent=agent, verdict=explain_call(policy, tool, tool.effect, arguments))


def print_verdict(explained: Explained, console: Console) -> None:
    """The decision, its reason, and what each layer said."""
    decision = explained.verdict.decision if explained.verdict else "deny"
    console.print(
        Text.assemble((decision, _STYLES[decision]), f"  {explained.tool} by {explained.agent}: {explained.why}")
    )
    if explained.verdict:
        rows = [
            (said.layer, Text(said.rule.decision, _STYLES[said.rule.decision]), str(said.rule))
            for said in explained.verdict.layers
        ]
        console.print(build_table("layer", "says", "by the rule", rows=rows))
