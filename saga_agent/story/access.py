"""Whose eyes the story is seen with, and whose hand changes it: every verb checks the project's owner once, here."""

from __future__ import annotations

from dataclasses import dataclass, field

from saga_agent.domain.given import given_id
from saga_agent.domain.project import Project
from saga_agent.errors import NotFound
from saga_agent.storage.ports.story import StoryPorts
from saga_agent.story.aftercare import Aftercare
from saga_agent.story.changelog import ChangeLog
from saga_agent.story.lexicons import Lexicons


@dataclass(frozen=True, slots=True)
class OwnerPorts:
    """The story ports as one owner may use them."""

    ports: StoryPorts
    owner_id: str
    log: ChangeLog | None = None
    """Where changes are written down; None for the writer's own, which are not."""
    aftercare: Aftercare = field(default_factory=Aftercare)
    """What follows a write; shared by all who write in this process."""
    lexicons: Lexicons = field(default_factory=Lexicons)
    """The bibles as linking needs them; shared likewise."""

    async def project(self, project_id: str) -> Project:
        """The owner's project; another owner's is `NotFound`, as if it did not exist."""
        project = await self.ports.projects.get(given_id(project_id, "The project's id"))
        if project.owner_id != self.owner_id:
            raise NotFound("project", project_id)
        return project
