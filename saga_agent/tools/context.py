"""What a tool is given beside its arguments."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from saga_agent.analyses.consistency.claims import ClaimExtractor
from saga_agent.analyses.images.provider import ImageProvider
from saga_agent.domain.project import LOCAL_OWNER
from saga_agent.domain.record import Provenance
from saga_agent.ids import Kind, derived_id
from saga_agent.story.genesis.writing import WorldWriter
from saga_agent.story.service import StoryService
from saga_agent.tools.result import ToolResult


class Delegation(Protocol):
    """Hands a task to a subagent."""

    async def run(self, agent: str, task: str, *, call_id: str) -> ToolResult:
        """What came of the task; raises `Parked` while the subagent waits for the writer."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolContext:
    """The story as the writer's run sees it, and which call this is."""

    story: StoryService
    project_id: str
    thread_id: str
    run_id: str
    agent: str
    call_id: str = ""
    owner_id: str = LOCAL_OWNER
    root_run_id: str = ""
    """The run the writer started; empty when this is that run."""
    agent_path: tuple[str, ...] = ()
    """From the agent the writer talks to down to this one; empty means `agent` alone."""
    world_writer: WorldWriter | None = None
    """Puts a model's words on new worlds; without one they are bare."""
    delegation: Delegation | None = None
    """Set where subagents may be called."""
    extractor: ClaimExtractor | None = None
    """Reads claims out of prose for the checks; None where no model does."""
    images: ImageProvider | None = None
    """A source of images from outside; None where the app has none."""
    full_result: Callable[[str], Awaitable[str | None]] | None = None
    """The whole text of a result of this run that was cut, by call id; given by the gate."""

    @property
    def root_id(self) -> str:
        """The run the writer started."""
        return self.root_run_id or self.run_id

    @property
    def path(self) -> tuple[str, ...]:
        """The agents from the writer's down to this one."""
        return self.agent_path or (self.agent,)

    @property
    def recording(self) -> StoryService:
        """The story, whose changes are kept in the history as this call's; every tool that writes goes through it."""
        return self.story.written_by(self.author)

    @property
    def author(self) -> Provenance:
        """Who makes what this call makes."""
        return Provenance(by="agent", run_id=self.run_id, call_id=self.call_id, agent=self.agent)

    def derived_id(self, kind: Kind, part: str = "") -> str:
        """The id for what this call creates; the same when the call is run again."""
        return derived_id(kind, self.run_id, self.call_id, part)
