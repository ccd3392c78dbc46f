"""What retrieval is tried with: an index and embeddings that fail when they are told to, and passages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from saga_agent.domain.journal import Passage, Stretch
from saga_agent.errors import StorageUnavailable
from saga_agent.retrieval.embedder import Embedder
from saga_agent.retrieval.hybrid import HybridRetriever
from saga_agent.retrieval.protocol import PlacedVector, Scope
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.testing import FakeClock
from tests.conformance.vector_indexes import ListIndex
from tests.meanings import Meanings

HOME = Scope(owner_id="own_1", project_id="prj_1")


class MoodyIndex(ListIndex):
    """An index that is down, or that refuses one document."""

    def __init__(self) -> None:
        super().__init__()
        self.is_down = False
        self.refused = ""
        self.searches = 0

    async def replace(self, scope: Scope, document_id: str, vectors: Sequence[PlacedVector]) -> None:
        self._check(document_id)
        await super().replace(scope, document_id, vectors)

    async def search(self, scope: Scope, vector: Sequence[float], *, limit: int = 10) -> Sequence[Stretch]:
        self.searches += 1
        self._check()
        return await super().search(scope, vector, limit=limit)

    async def is_reachable(self) -> bool:
        return not self.is_down

    def _check(self, document_id: str = "") -> None:
        if self.is_down or (document_id and document_id == self.refused):
            raise StorageUnavailable("Qdrant in memory refused a request: it is moody.")


class Rig:
    """A hybrid retriever with all it stands on."""

    made: ClassVar[list[Rig]] = []
    """Those that are still to be closed."""

    def __init__(self, embeddings: Meanings | None = None, *, patience_seconds: float = 3.0) -> None:
        self.storage, self.clock, self.index = MemoryStorage(), FakeClock(), MoodyIndex()
        self.embeddings = embeddings or Meanings()
        embedder = Embedder(self.embeddings, self.storage.journal.embeddings)
        self.retriever = HybridRetriever(
            self.storage.journal.passages, embedder, self.index, self.clock, patience_seconds=patience_seconds
        )
        self.made.append(self)

    async def close(self) -> None:
        """Ends the upkeep of the index, and closes the storage."""
        await self.retriever.close()
        await self.storage.close()

    async def write(self, document_id: str, *texts: str, rev: int = 1, scope: Scope = HOME, tells: bool = True) -> None:
        """Stores a document of these passages, and tells of it, unless another process did so."""
        rows = [
            Passage(
                document_id=document_id,
                document_rev=rev,
                start=100 * number,
                end=100 * number + len(text),
                title="",
                text=text,
            )
            for number, text in enumerate(texts)
        ]
        await self.storage.open()
        await self.storage.journal.passages.replace(scope.project_id, document_id, rows)
        if tells:
            self.retriever.changed(scope, document_id)

    async def find(self, query: str, *, scope: Scope = HOME, limit: int = 10) -> list[str]:
        """The texts that are found, best first."""
        return [hit.text for hit in await self.retriever.search(scope, query, limit=limit)]

    def held(self) -> dict[str, int]:
        """The documents in the index, with the number of their vectors."""
        return {document_id: len(vectors) for (_, document_id), (_, vectors) in self.index.rows.items()}
