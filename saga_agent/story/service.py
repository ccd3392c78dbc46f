"""The story as hosts reach it: `saga.story.<port>.<verb>`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from saga_agent.clock import Clock, SystemClock
from saga_agent.domain.history import Change, RecordKind
from saga_agent.domain.notes import Presence, Waiver
from saga_agent.domain.project import Project
from saga_agent.domain.record import Provenance
from saga_agent.domain.time import When
from saga_agent.retrieval.lexical import LexicalRetriever
from saga_agent.retrieval.protocol import Retriever
from saga_agent.storage.adapter import Storage
from saga_agent.storage.checked import checked
from saga_agent.storage.ports.story import StoryPorts
from saga_agent.story.access import OwnerPorts
from saga_agent.story.captures import CaptureService
from saga_agent.story.changelog import ChangeLog
from saga_agent.story.checks.report import CheckReport
from saga_agent.story.checks.service import CheckService
from saga_agent.story.checks.sources import Sources
from saga_agent.story.decisions import DecisionService
from saga_agent.story.documents import DocumentService, EntityService, Progress
from saga_agent.story.exchange.bible_import import BibleImport
from saga_agent.story.exchange.contents import ContentsReader
from saga_agent.story.exchange.export import StoryExport
from saga_agent.story.facts import FactService
from saga_agent.story.history import HistoryService
from saga_agent.story.manuscript import ManuscriptImport
from saga_agent.story.mentions import MentionService
from saga_agent.story.metered import Meter, MeteredBlobs, metered
from saga_agent.story.moments import MomentService
from saga_agent.story.names import Names
from saga_agent.story.projects import ProjectService, StopRuns, no_runs
from saga_agent.story.proposals import ProposalService
from saga_agent.story.records import RecordService
from saga_agent.story.relationships import RelationshipService
from saga_agent.story.shared import SharedState
from saga_agent.story.undo import UndoService, Writable


class StoryService:
    """All story verbs for one owner; each aggregate is an attribute.

    Through `written_by` what is changed is kept in the history as that author's, to be undone. What is stored is
    counted by `meter`, where one is given.
    """

    def __init__(
        self,
        storage: Storage,
        owner_id: str,
        *,
        clock: Clock | None = None,
        log: ChangeLog | None = None,
        retriever: Retriever | None = None,
        shared: SharedState | None = None,
        stop_runs: StopRuns = no_runs,
        meter: Meter | None = None,
    ) -> None:
        self._storage, self._owner_id, self._clock = storage, owner_id, clock or SystemClock()
        self._retriever = retriever or LexicalRetriever(storage.journal.passages)
        self._shared = shared = shared or SharedState()
        ports, journal, blobs = checked(storage.story), storage.journal, storage.journal.blobs
        self._meter = meter
        if meter is not None:
            ports, blobs = metered(ports, meter), MeteredBlobs(blobs, meter)
        self._ports = ports
        access = OwnerPorts(ports, owner_id, log, shared.aftercare, shared.lexicons)
        names = Names(ports, journal.passages, shared.lexicons)
        self.projects = ProjectService(access, journal, self._retriever, stop_runs)
        self.documents = DocumentService(access, journal.passages, self._retriever, names)
        self.entities = EntityService(access, names)
        self.mentions = MentionService(access, names, self.documents)
        self.relationships = RelationshipService(access)
        self.facts = FactService(access)
        self.moments = MomentService(self.documents)
        self.captures = CaptureService(access, blobs)
        self.decisions = DecisionService(access, self.facts)
        self.waivers = RecordService(access, ports.waivers, Waiver, "wai")
        self.presence = RecordService(access, ports.presence, Presence, "pre")
        sources = Sources(
            projects=self.projects,
            documents=self.documents,
            entities=self.entities,
            relationships=self.relationships,
            facts=self.facts,
            mentions=self.mentions,
            moments=self.moments,
            waivers=self.waivers,
        )
        self.checks = CheckService(sources, journal.snapshots, self._clock, shared.check_cache)
        self.imports = ManuscriptImport(self.documents)
        records = (self.entities, self.relationships, self.facts, self.captures, blobs)
        self.bibles = BibleImport(*records)
        self.history = HistoryService(access, journal.changes, self._records())
        self.undo = UndoService(access, self.history, lambda change, part_of: self._undoing(change, part_of)._records())
        self.proposals = ProposalService(access, lambda author: self.written_by(author)._records())
        self.exports = StoryExport(self.projects, self.documents, self.proposals, ContentsReader(*records))

    async def reading(self, project_id: str) -> tuple[Project, StoryPorts]:
        """The owner's project, and the ports to read it by: for many reads after one check of the owner; `NotFound`."""
        return await self.projects.get(project_id), self._ports

    async def check(
        self,
        project_id: str,
        *,
        families: Collection[str] = (),
        since: int | None = None,
        as_of: When | None = None,
        for_ai: bool = False,
        progress: Progress | None = None,
    ) -> CheckReport:
        """Checks the whole project: the bible, and all documents beside it; see `CheckService.check`."""
        return await self.checks.check(
            project_id, families=families, since=since, as_of=as_of, for_ai=for_ai, progress=progress
        )

    def written_by(self, author: Provenance) -> StoryService:
        """The same story, whose changes are kept in the history as that author's."""
        return self._logging(ChangeLog(changes=self._storage.journal.changes, clock=self._clock, author=author))

    def _undoing(self, change: Change, part_of: str | None) -> StoryService:
        log = ChangeLog(
            changes=self._storage.journal.changes,
            clock=self._clock,
            author=Provenance(),
            undoes=change.id,
            part_of=part_of,
        )
        return self._logging(log)

    def _logging(self, log: ChangeLog) -> StoryService:
        return StoryService(
            self._storage,
            self._owner_id,
            clock=self._clock,
            log=log,
            retriever=self._retriever,
            shared=self._shared,
            meter=self._meter,
        )

    def _records(self) -> Mapping[RecordKind, Writable]:
        return {
            "document": self.documents,
            "entity": self.entities,
            "relationship": self.relationships,
            "fact": self.facts,
            "capture": self.captures,
            "decision": self.decisions,
        }

    async def changed(
        self, project_id: str, document_id: str | Sequence[str] = (), *, entity_id: str | Sequence[str] = ()
    ) -> None:
        """Tells that the host made, changed or removed documents or entities behind the ports, one or many.

        Index and mentions follow, and what hung on an entity that is gone goes. A host raises `rev` with each of its
        own writes: a revision that stands for two texts would let one of them pass for the other. `NotFound`.
        """
        documents, entities = _each(document_id), _each(entity_id)
        await self.projects.get(project_id)
        for each in documents:
            document = await self.documents.find(project_id, each)
            if document is None:
                await self.documents.forget(project_id, each)
            else:
                await self.documents.refresh(document)
        if entities:
            await self.entities.follow_unseen(project_id, entities)


def _each(ids: str | Sequence[str]) -> Sequence[str]:
    return (ids,) if isinstance(ids, str) else tuple(dict.fromkeys(ids))
