"""What a tool is given beside its arguments."""

from __future__ import annotations

from dataclasses import dataclass

from saga_agent.ids import Kind, derived_id
from saga_agent.story.service import StoryService


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolContext:
    """The story as the writer's run sees it, and which call this is."""

    story: StoryService
    project_id: str
    thread_id: str
    run_id: str
    agent: str
    call_id: str = ""

    def derived_id(self, kind: Kind, part: str = "") -> str:
        """The id for what this call creates; the same when the call is run again."""
        return derived_id(kind, self.run_id, self.call_id, part)
