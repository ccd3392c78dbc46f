"""Mentions: who is named where, and the names in any text."""

from __future__ import annotations

from collections.abc import Sequence

from saga_agent.domain.notes import Appearance, Mention
from saga_agent.domain.record import Page
from saga_agent.story.access import OwnerPorts
from saga_agent.story.documents import DocumentService
from saga_agent.story.names import FoundName, Names


class MentionService:
    """The mentions of one owner's projects."""

    def __init__(self, access: OwnerPorts, names: Names, documents: DocumentService) -> None:
        self._access, self._names, self._documents = access, names, documents

    async def list(
        self, project_id: str, *, after: str | None = None, limit: int = 1000, **where: str
    ) -> Page[Mention]:
        """A page of the mentions that match `document_id` or `entity_id`."""
        await self._access.project(project_id)
        await self._documents.make_up(project_id)
        return await self._access.ports.mentions.list(project_id, where=where, after=after, limit=limit)

    async def count(self, project_id: str, *, document_id: str | None = None) -> Sequence[Appearance]:
        """How often each entity and unknown name appears in each document."""
        await self._access.project(project_id)
        await self._documents.make_up(project_id)
        return await self._access.ports.mentions.count(project_id, document_id=document_id)

    async def find(self, project_id: str, text: str, *, known_only: bool = False) -> list[FoundName]:
        """The names in a text, against the project's bible; nothing is stored."""
        await self._access.project(project_id)
        return await self._names.find(project_id, text, known_only=known_only)

    async def refresh(self, project_id: str) -> int:
        """Finds the names of all documents anew and gives their number."""
        await self._access.project(project_id)
        return await self._names.refresh_project(project_id)
