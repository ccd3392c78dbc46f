"""SqlStorage: story and journal in one SQLite file or one PostgreSQL database."""

from __future__ import annotations

from pathlib import Path

from saga_agent.domain.entity import Fact, Relationship
from saga_agent.domain.notes import Capture, Decision, Presence, Proposal, Waiver
from saga_agent.storage.adapter import Storage
from saga_agent.storage.ports.journal import Journal
from saga_agent.storage.ports.story import StoryPorts
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.engine.sqlite import SqliteBackend
from saga_agent.storage.sql.engine.urls import backend_of
from saga_agent.storage.sql.journal.accounts import SqlHoldings, SqlQuota
from saga_agent.storage.sql.journal.blobs import SqlBlobs, SqlEmbeddings
from saga_agent.storage.sql.journal.calls import SqlToolCalls
from saga_agent.storage.sql.journal.changes import SqlChanges
from saga_agent.storage.sql.journal.checkpoints import SqlCheckpoints
from saga_agent.storage.sql.journal.owners import SqlDenials, SqlOwners
from saga_agent.storage.sql.journal.passages import SqlPassages
from saga_agent.storage.sql.journal.permissions import SqlAudit, SqlGrants, SqlRequests
from saga_agent.storage.sql.journal.runs import SqlLeases, SqlRuns
from saga_agent.storage.sql.journal.snapshots import SqlSnapshots
from saga_agent.storage.sql.journal.streams import SqlStreams
from saga_agent.storage.sql.journal.threads import SqlEnds, SqlThreads
from saga_agent.storage.sql.story.mentions import SqlMentions
from saga_agent.storage.sql.story.records import SqlDocuments, SqlEntities, SqlProjects, SqlRecords
from saga_agent.storage.sql.tables import definitions as tables


class SqlStorage(Storage):
    """The adapter for SQLite (`sqlite:///saga.db`) and PostgreSQL (`postgresql://user@host/name`).

    `pool_size` is the number of reads that may run at the same time; writes go through one thread.
    """

    def __init__(self, url: str, *, pool_size: int = 4) -> None:
        backend = backend_of(url)
        self.url = url
        self.path: Path | None = backend.path if isinstance(backend, SqliteBackend) else None
        """The database's file; None on PostgreSQL."""
        self.database = Database(backend, pool_size=pool_size)
        self.story = _story(self.database)
        self.journal = _journal(self.database)

    async def open(self) -> None:
        await self.database.open()

    async def close(self) -> None:
        await self.database.close()


def _story(database: Database) -> StoryPorts:
    return StoryPorts(
        projects=SqlProjects(database),
        documents=SqlDocuments(database),
        entities=SqlEntities(database),
        relationships=SqlRecords(
            database, Relationship, tables.RELATIONSHIPS, port="relationships", kind="relationship"
        ),
        facts=SqlRecords(database, Fact, tables.FACTS, port="facts", kind="fact"),
        mentions=SqlMentions(database),
        captures=SqlRecords(database, Capture, tables.CAPTURES, port="captures", kind="capture"),
        decisions=SqlRecords(database, Decision, tables.DECISIONS, port="decisions", kind="decision"),
        proposals=SqlRecords(database, Proposal, tables.PROPOSALS, port="proposals", kind="proposal"),
        waivers=SqlRecords(database, Waiver, tables.WAIVERS, port="waivers", kind="waiver"),
        presence=SqlRecords(database, Presence, tables.PRESENCE, port="presence", kind="presence"),
    )


def _journal(database: Database) -> Journal:
    return Journal(
        threads=SqlThreads(database),
        runs=SqlRuns(database),
        leases=SqlLeases(database),
        streams=SqlStreams(database),
        requests=SqlRequests(database),
        calls=SqlToolCalls(database),
        checkpoints=SqlCheckpoints(database),
        passages=SqlPassages(database),
        grants=SqlGrants(database),
        audit=SqlAudit(database),
        changes=SqlChanges(database),
        blobs=SqlBlobs(database),
        quota=SqlQuota(database),
        denials=SqlDenials(database),
        embeddings=SqlEmbeddings(database),
        owners=SqlOwners(database),
        holdings=SqlHoldings(database),
        snapshots=SqlSnapshots(database),
        ends=SqlEnds(database),
    )
