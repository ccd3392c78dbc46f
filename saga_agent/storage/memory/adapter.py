"""MemoryStorage: everything in this process's memory, for tests, notebooks and as the specification."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, TypeVar, cast

from saga_agent.domain.entity import Fact, Relationship
from saga_agent.domain.notes import Capture, Decision, Presence, Proposal, Waiver
from saga_agent.storage.adapter import Storage
from saga_agent.storage.memory.accounts import MemoryHoldings, MemoryQuota
from saga_agent.storage.memory.blobs import MemoryBlobs, MemoryEmbeddings
from saga_agent.storage.memory.calls import MemoryToolCalls
from saga_agent.storage.memory.changes import MemoryChanges
from saga_agent.storage.memory.checkpoints import MemoryCheckpoints
from saga_agent.storage.memory.owners import MemoryDenials, MemoryOwners
from saga_agent.storage.memory.passages import MemoryPassages
from saga_agent.storage.memory.permissions import MemoryAudit, MemoryGrants, MemoryRequests
from saga_agent.storage.memory.runs import MemoryLeases, MemoryRuns
from saga_agent.storage.memory.snapshots import MemorySnapshots
from saga_agent.storage.memory.story import (
    MemoryDocuments,
    MemoryEntities,
    MemoryMentions,
    MemoryProjects,
    MemoryRecords,
)
from saga_agent.storage.memory.streams import MemoryStreams
from saga_agent.storage.memory.tables import Opened, Tables
from saga_agent.storage.memory.threads import MemoryEnds, MemoryThreads, OfProjects
from saga_agent.storage.ports.journal import Journal
from saga_agent.storage.ports.story import StoryPorts

B = TypeVar("B", StoryPorts, Journal)


class MemoryStorage(Storage):
    """The reference adapter; it answers while it is open, and its data lives as long as the instance.

    No verb awaits between reading and writing, so each is atomic on its event loop.
    """

    def __init__(self) -> None:
        self._is_open = False
        self.story = self._opened(
            StoryPorts(
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
        )
        tables = Tables()
        checkpoints, passages = MemoryCheckpoints(tables), MemoryPassages(tables)
        holdings, changes, blobs, embeddings = MemoryHoldings(), MemoryChanges(), MemoryBlobs(), MemoryEmbeddings()
        snapshots = MemorySnapshots()
        beside = (passages, changes, blobs, embeddings, OfProjects(holdings), OfProjects(snapshots))
        journal = Journal(
            threads=MemoryThreads(tables, checkpoints, holdings),
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
            snapshots=snapshots,
            ends=MemoryEnds(tables, checkpoints, beside),
        )
        self.journal = self._opened(journal)

    async def open(self) -> None:
        self._is_open = True

    async def close(self) -> None:
        self._is_open = False

    def _opened(self, bundle: B) -> B:
        """The same ports, which answer while this storage is open."""
        ports = {port.name: Opened(getattr(bundle, port.name), lambda: self._is_open) for port in fields(bundle)}
        return replace(bundle, **cast("dict[str, Any]", ports))
