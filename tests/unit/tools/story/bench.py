"""A story in memory, and its tools called as the gate calls them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from saga_agent.story.service import StoryService
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import ToolResult


@dataclass
class Bench:
    """One project with its tools."""

    story: StoryService
    project_id: str
    tools: ToolRegistry
    context: ToolContext

    async def call(self, name: str, /, **arguments: Any) -> ToolResult:
        """The result of a call, its arguments checked as a model's are; it can always be told as JSON."""
        tool = self.tools.find(name)
        assert tool is not None
        result = await tool.run(self.context, arguments)
        assert result.to_json()
        return result

    async def failure(self, name: str, /, **arguments: Any) -> str:
        """The code with which a call fails."""
        tool = self.tools.find(name)
        assert tool is not None
        try:
            arguments = tool.validate(arguments)
        except Exception as error:
            return error.code  # pyright: ignore
        result = await tool.run(self.context, arguments)
        assert not result.ok
        assert result.error is not None
        return str(result.error["code"])

    def with_context(self, **changes: Any) -> Bench:
        """The same project, its tools given something else beside their arguments."""
        return Bench(self.story, self.project_id, self.tools, replace(self.context, **changes))

    async def entity(self, name: str, kind: str = "character", **fields: Any) -> str:
        """A new entity's id."""
        return (await self.story.entities.create(self.project_id, type=kind, name=name, **fields)).id

    async def fact(self, subject: str, predicate: str, value: Any, **fields: Any) -> str:
        """A new fact's id."""
        made = await self.story.facts.create(
            self.project_id, subject_id=subject, predicate=predicate, value=value, **fields
        )
        return made.id

    async def chapter(self, number: int, text: str = "", **fields: Any) -> str:
        """A new chapter's id."""
        made = await self.story.documents.create(
            self.project_id, number=number, reading_order=number, text=text, **fields
        )
        return made.id
