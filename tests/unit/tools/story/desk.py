"""A project and the story tools over it, called as the gate calls them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import Any

from saga_agent.domain.entity import Entity
from saga_agent.domain.record import JsonObject
from saga_agent.storage.adapter import Storage
from saga_agent.story.service import StoryService
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import ToolResult
from saga_agent.tools.story.registry import build_story_registry


@dataclass
class Desk:
    """What a test works with; `call` makes a call of its own each time."""

    story: StoryService
    project_id: str
    context: ToolContext
    tools: ToolRegistry = field(default_factory=build_story_registry)
    number: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def call(self, tool: str, *, call_id: str = "", **arguments: Any) -> ToolResult:
        """Validates and runs a call."""
        found = self.tools.find(tool)
        assert found is not None
        context = self._context(call_id)
        return await found.run(context, found.validate(arguments))

    async def done(self, tool: str, **arguments: Any) -> JsonObject:
        """The data of a call that must succeed."""
        result = await self.call(tool, **arguments)
        assert result.ok, result.error
        return result.data

    async def refused(self, tool: str, **arguments: Any) -> JsonObject:
        """The error of a call that must fail."""
        result = await self.call(tool, **arguments)
        assert not result.ok, result.data
        assert result.error is not None
        return result.error

    async def preview(self, tool: str, **arguments: Any) -> JsonObject:
        """What the writer is shown of a call."""
        found = self.tools.find(tool)
        assert found is not None
        return await found.build_preview(self._context(""), found.validate(arguments))

    async def effect(self, tool: str, **arguments: Any) -> str:
        """The effect of a call."""
        found = self.tools.find(tool)
        assert found is not None
        return await found.effect_for(self._context(""), found.validate(arguments))

    async def entity(self, name: str, *, type: str = "character", **fields: Any) -> Entity:
        """A new entity of the writer's."""
        return await self.story.entities.create(self.project_id, type=type, name=name, **fields)

    def _context(self, call_id: str) -> ToolContext:
        return replace(self.context, call_id=call_id or f"call_{next(self.number)}")


async def build_desk(storage: Storage) -> Desk:
    """A desk with an empty project."""
    story = StoryService(storage, "local")
    project_id = (await story.projects.create(name="Crossing")).id
    context = ToolContext(story=story, project_id=project_id, thread_id="thr", run_id="run", agent="draft")
    return Desk(story, project_id, context)
