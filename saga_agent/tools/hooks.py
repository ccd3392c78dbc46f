"""Hooks: the host's own say on each call. They may tighten what the policy decides, and never loosen it."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Effect
from saga_agent.domain.rules import Decision, Rule
from saga_agent.tools.contained import BrokeOff, OutOfTime, contain
from saga_agent.tools.policy import LayerVerdict

HOOK_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HookCall:
    """A call as a hook sees it; the arguments are a copy, changing them changes nothing."""

    tool: str
    effect: Effect
    arguments: JsonObject
    owner_id: str
    project_id: str
    thread_id: str
    run_id: str
    call_id: str
    agent_path: tuple[str, ...]
    """From the agent the writer talks to down to the one that calls."""


Hook = Callable[[HookCall], Awaitable[Decision | None]]
"""`ask` or `deny` tightens; None and `allow` change nothing; all else, raising and being slow too, is a deny."""


async def consult(hooks: Sequence[Hook], call: HookCall, *, seconds: float = HOOK_SECONDS) -> list[LayerVerdict]:
    """What the hooks say, each as a layer of its own; one that is content says nothing."""
    said: list[LayerVerdict] = []
    for hook in hooks:
        name = f"hook {getattr(hook, '__name__', type(hook).__name__)}"
        decision, reason = await _ask(hook, replace(call, arguments=copy.deepcopy(call.arguments)), seconds)
        if decision != "allow":
            said.append(LayerVerdict(name, Rule(call.tool, decision, reason=reason)))
    return said


async def _ask(hook: Hook, call: HookCall, seconds: float) -> tuple[Decision, str]:
    try:
        return _read(await contain(lambda: _run(hook, call), seconds=seconds, grace_seconds=0))
    except OutOfTime:
        return "deny", f"it took longer than {seconds:g} seconds"
    except BrokeOff as error:
        return "deny", "it was cancelled" if error.kind == "CancelledError" else f"it failed with {error.kind}"
    except Exception as error:
        return "deny", f"it failed with {type(error).__name__}"


async def _run(hook: Hook, call: HookCall) -> object:
    return await cast(Callable[[HookCall], Awaitable[Any]], hook)(call)


def _read(said: object) -> tuple[Decision, str]:
    if said in (None, "allow"):
        return "allow", ""
    if said == "ask":
        return "ask", ""
    return "deny", "" if said == "deny" else f"it said {said!r:.40}, which is no decision"
