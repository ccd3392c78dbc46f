"""The story as hosts reach it: `saga.story.<port>.<verb>`."""

from __future__ import annotations

from saga_agent.domain.entity import Fact, Relationship
from saga_agent.domain.notes import Capture, Decision, Presence, Proposal, Waiver
from saga_agent.storage.adapter import Storage
from saga_agent.story.access import Access
from saga_agent.story.documents import DocumentService, EntityService
from saga_agent.story.manuscript import ManuscriptImport
from saga_agent.story.mentions import MentionService
from saga_agent.story.names import Names
from saga_agent.story.projects import ProjectService
from saga_agent.story.records import RecordService


class StoryService:
    """All story verbs for one owner; each aggregate is an attribute."""

    def __init__(self, storage: Storage, owner_id: str) -> None:
        access = Access(storage.story, owner_id)
        ports, passages = storage.story, storage.journal.passages
        names = Names(ports)
        self.projects = ProjectService(access, passages)
        self.documents = DocumentService(access, passages, names)
        self.entities = EntityService(access, names)
        self.mentions = MentionService(access, names)
        self.relationships = RecordService(access, ports.relationships, Relationship, "rel")
        self.facts = RecordService(access, ports.facts, Fact, "fct")
        self.captures = RecordService(access, ports.captures, Capture, "cap")
        self.decisions = RecordService(access, ports.decisions, Decision, "dec")
        self.proposals = RecordService(access, ports.proposals, Proposal, "pro")
        self.waivers = RecordService(access, ports.waivers, Waiver, "wai")
        self.presence = RecordService(access, ports.presence, Presence, "pre")
        self.imports = ManuscriptImport(self.documents)

    async def changed(self, project_id: str, document_id: str) -> None:
        """Tells that the host changed or removed a document behind the port; index and mentions follow."""
        document = await self.documents.find(project_id, document_id)
        if document is None:
            await self.documents.forget(project_id, document_id)
        else:
            await self.documents.refresh(document)
