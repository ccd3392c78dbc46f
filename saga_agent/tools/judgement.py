"""Judging a call: its frozen arguments, its effect, and what policy, tool and hooks say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Effect
from saga_agent.domain.rules import Rule
from saga_agent.tools.context import ToolContext
from saga_agent.tools.hooks import HOOK_SECONDS, Hook, HookCall, consult
from saga_agent.tools.outcome import FrozenCall
from saga_agent.tools.policy import LayerVerdict, Policy, Ruling
from saga_agent.tools.registry import Tool


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A call as it is decided on, and run: nothing about it changes after this."""

    tool: Tool
    call: FrozenCall
    effect: Effect
    verdict: Ruling
    grantable: bool
    """Whether a grant may stand for the writer's word: for what only writes, and asks by a rule."""

    @property
    def arguments(self) -> JsonObject:
        """The arguments it is decided on and run with."""
        return self.call.arguments


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Judges calls under one policy and the host's hooks."""

    policy: Policy
    hooks: Sequence[Hook] = ()
    hook_seconds: float = HOOK_SECONDS

    async def judge(self, tool: Tool, arguments: JsonObject, context: ToolContext) -> Case:
        """The case of a call with validated arguments; `ToolFailure` when its effect cannot be told."""
        effect = await tool.effect_for(context, arguments)
        hooked: list[LayerVerdict] = []
        if self.hooks:
            hooked = await consult(self.hooks, _hook_call(tool, effect, arguments, context), seconds=self.hook_seconds)
        verdict = Ruling.of((*explain_call(self.policy, tool, effect, arguments).layers, *hooked))
        asks_by_rule = verdict.decision == "ask" and not tool.each_time and not hooked
        call = FrozenCall.of(tool.name, arguments)
        grantable = asks_by_rule and effect == "write"
        return Case(tool=tool, call=call, effect=effect, verdict=verdict, grantable=grantable)


def explain_call(policy: Policy, tool: Tool, effect: Effect, arguments: JsonObject) -> Ruling:
    """What the policy and the tool itself say of a call."""
    verdict = policy.explain(tool.name, effect, arguments)
    if not tool.each_time:
        return verdict
    asks = LayerVerdict(f"tool {tool.name}", Rule(tool.name, "ask", reason="it asks each time"))
    return Ruling.of((*verdict.layers, asks)) if verdict.layers else verdict


def _hook_call(tool: Tool, effect: Effect, arguments: JsonObject, context: ToolContext) -> HookCall:
    return HookCall(
        tool=tool.name,
        effect=effect,
        arguments=arguments,
        owner_id=context.owner_id,
        project_id=context.project_id,
        thread_id=context.thread_id,
        run_id=context.run_id,
        call_id=context.call_id,
        agent_path=context.path,
    )
