"""MemoryStorage: everything in this process's memory, for tests, notebooks and as the specification."""

from __future__ import annotations

from saga_agent.domain.entity import Fact, Relationship
from saga_agent.domain.notes import Capture, Decision, Presence, Proposal, Waiver
from saga_agent.storage.adapter import Storage
from saga_agent.storage.journal import Journal
from saga_agent.storage.memory.audit import MemoryAudit
from saga_agent.storage.memory.blobs import MemoryBlobs
from saga_agent.storage.memory.calls import MemoryToolCalls
from saga_agent.storage.memory.changes import MemoryChanges
from saga_agent.storage.memory.checkpoints import MemoryCheckpoints
from saga_agent.storage.memory.denials import MemoryDenials
from saga_agent.storage.memory.embeddings import MemoryEmbeddings
from saga_agent.storage.memory.ends import MemoryEnds
from saga_agent.storage.memory.entities import MemoryEntities
from saga_agent.storage.memory.grants import MemoryGrants
from saga_agent.storage.memory.holdings import MemoryHoldings
from saga_agent.storage.memory.leases import MemoryLeases
from saga_agent.storage.memory.mentions import MemoryMentions
from saga_agent.storage.memory.owners import MemoryOwners
from saga_agent.storage.memory.passages import MemoryPassages
from saga_agent.storage.memory.projects import MemoryProjects
from saga_agent.storage.memory.quota import MemoryQuota
from saga_agent.storage.memory.records import MemoryDocuments, MemoryRecords
from saga_agent.storage.memory.requests import MemoryRequests
from saga_agent.storage.memory.runs import MemoryRuns
from saga_agent.storage.memory.streams import MemoryStreams
from saga_agent.storage.memory.tables import Tables
from saga_agent.storage.memory.threads import MemoryThreads
from saga_agent.storage.protocol import StoryPorts


class MemoryStorage(Storage):
    """The reference adapter; its data lives as long as the instance, closed or open.

    No verb awaits between reading and writing, so each is atomic on its event loop.
    """

    def __init__(self) -> None:
        self.story = StoryPorts(
            projects=MemoryProjects(),
            documents=MemoryDocuments(),
            entities=MemoryEntities(),
            relationships=MemoryRecords[Relationship]("relationships", "relationship"),
            facts=MemoryRecords[Fact]("facts", "fact"),
            mentions=MemoryMentions(),
            captures=MemoryRecords[Capture]("captures", "capture"),
            decisions=MemoryRecords[Decision]("decisions", "decision"),
            proposals=MemoryRecords[Proposal]("proposals", "proposal"),
            waivers=MemoryRecords[Waiver]("waivers", "waiver"),
            presence=MemoryRecords[Presence]("presence", "presence"),
        )
        tables = Tables()
        checkpoints, passages = MemoryCheckpoints(tables), MemoryPassages(tables)
        changes, blobs, embeddings = MemoryChanges(), MemoryBlobs(), MemoryEmbeddings()
        holdings = MemoryHoldings()
        self.journal = Journal(
            threads=MemoryThreads(tables, checkpoints),
            runs=MemoryRuns(tables),
            leases=MemoryLeases(tables),
            streams=MemoryStreams(tables),
            requests=MemoryRequests(tables),
            calls=MemoryToolCalls(tables),
            checkpoints=checkpoints,
            passages=passages,
            grants=MemoryGrants(tables),
            audit=MemoryAudit(tables),
            changes=changes,
            blobs=blobs,
            quota=MemoryQuota(),
            denials=MemoryDenials(),
            embeddings=embeddings,
            owners=MemoryOwners(tables),
            holdings=holdings,
            ends=MemoryEnds(tables, checkpoints, (passages, changes, blobs, embeddings, holdings)),
        )
