"""A cast whose agents call one another: draft -> scribe -> clerk, and draft -> research; each plays its own script."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from saga_agent.agents.agent import Agent, Subagent
from saga_agent.app import Saga
from saga_agent.domain.journal import Run
from saga_agent.domain.record import JsonObject
from saga_agent.models.script import Call, Part, Turn
from saga_agent.models.scripted import ScriptedModel
from saga_agent.runs.handle import RunHandle
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.story import questions
from tests.acceptance.streams.cast import marking_tools
from tests.acceptance.streams.worlds import World

ALL = ("mark", "write_mark", "sleep", "ask_question")
Steps = Sequence[Turn | Part]


@dataclass(slots=True)
class Scripts:
    """What each agent's model says; without a script an agent must not be called."""

    draft: Steps = ()
    scribe: Steps = ()
    clerk: Steps = ()
    research: Steps = ()
    changes: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    """By agent, what else it is made with."""

    def agents(self) -> list[Agent]:
        """The cast."""
        return [
            self._made(Agent, "draft", self.draft, subagents=("scribe", "research")),
            self._made(Subagent, "scribe", self.scribe, subagents=("clerk", "research")),
            self._made(Subagent, "clerk", self.clerk, subagents=("clerk",)),
            self._made(Subagent, "research", self.research),
        ]

    def _made(self, kind: type[Agent], name: str, steps: Steps, **fields: Any) -> Agent:
        agent = kind(name=name, description=f"The {name}.", prompt=f"You are {name}.", tools=ALL, **fields)
        return replace(agent, model=ScriptedModel(steps), **self.changes.get(name, {}))


def tree_tools(marks: Path) -> ToolRegistry:
    """The marking tools, and questions."""
    registry = marking_tools(marks)
    questions.register(registry)
    return registry


async def open_tree(world: World, scripts: Scripts, **options: Any) -> Saga:
    """A saga with that cast."""
    return await world.open(model=ScriptedModel(()), agents=scripts.agents(), tools=tree_tools(world.marks), **options)


def delegate(agent: str, task: str = "Do it.", *, call_id: str = "d", **more: Any) -> Call:
    """The call that an agent makes."""
    return Call("delegate", {"agent": agent, "task": task, **more}, id=call_id)


async def children(saga: Saga, run: RunHandle | Run) -> list[Run]:
    """The runs that this one called, oldest first."""
    return list(reversed(await saga.storage.journal.runs.list(parent_run_id=run.id)))


async def report(saga: Saga, run_id: str, call_id: str = "d") -> JsonObject:
    """What the parent's model read of a delegate call."""
    call = await saga.storage.journal.calls.find(run_id, call_id)
    assert call is not None
    assert call.result is not None
    return json.loads(call.result)


def shown(parts: Sequence[JsonObject], kind: str) -> list[JsonObject]:
    """The data of the message's parts of that kind."""
    return [part["data"] for part in parts if part["type"] == kind]  # pyright: ignore[reportReturnType]
