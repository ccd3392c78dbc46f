"""The vector indexes that must keep every promise of the kit, and a plain list as a fake, with faults to be found."""

from __future__ import annotations

import contextlib
import math
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

from saga_agent.domain.journal import Stretch
from saga_agent.retrieval.protocol import PlacedVector, Scope, VectorIndex
from saga_agent.retrieval.qdrant import QdrantVectors
from saga_agent.testing.vectors import MakeIndex
from tests.servers.qdrant_server import QdrantServer


class ListIndex:
    """All vectors in a dict of lists, for tests of what is built on an index."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], tuple[str, tuple[PlacedVector, ...]]] = {}
        """(project_id, document_id) -> (owner_id, its vectors)"""

    async def replace(self, scope: Scope, document_id: str, vectors: Sequence[PlacedVector]) -> None:
        self.rows.pop((scope.project_id, document_id), None)
        if vectors:
            self.rows[scope.project_id, document_id] = (scope.owner_id, tuple(vectors))

    async def search(self, scope: Scope, vector: Sequence[float], *, limit: int = 10) -> Sequence[Stretch]:
        inside = [each for vectors in self._of(scope).values() for each in vectors]
        return [each.stretch for each in sorted(inside, key=lambda row: -_cosine(row.vector, vector))][:limit]

    async def revisions(self, scope: Scope) -> Mapping[str, int]:
        return {document_id: rows[0].stretch.document_rev for document_id, rows in self._of(scope).items()}

    async def purge(self, scope: Scope) -> None:
        self.rows = {key: row for key, row in self.rows.items() if key[0] != scope.project_id}

    async def is_reachable(self) -> bool:
        return True

    async def close(self) -> None:
        pass

    def _of(self, scope: Scope) -> dict[str, tuple[PlacedVector, ...]]:
        return {
            document_id: vectors
            for (project_id, document_id), (owner_id, vectors) in self.rows.items()
            if (owner_id, project_id) == (scope.owner_id, scope.project_id)
        }


class IgnoresTheOwner(ListIndex):
    def _of(self, scope: Scope) -> dict[str, tuple[PlacedVector, ...]]:
        return {key[1]: vectors for key, (_, vectors) in self.rows.items() if key[0] == scope.project_id}


class IgnoresTheProject(ListIndex):
    def _of(self, scope: Scope) -> dict[str, tuple[PlacedVector, ...]]:
        return {"/".join(key): vectors for key, (owner, vectors) in self.rows.items() if owner == scope.owner_id}


class FiltersAfterTheLimit(ListIndex):
    async def search(self, scope: Scope, vector: Sequence[float], *, limit: int = 10) -> Sequence[Stretch]:
        rows = [(key, each) for key, (_, vectors) in self.rows.items() for each in vectors]
        nearest = sorted(rows, key=lambda row: -_cosine(row[1].vector, vector))[:limit]
        return [each.stretch for key, each in nearest if key[0] == scope.project_id]


class RanksByProduct(ListIndex):
    async def search(self, scope: Scope, vector: Sequence[float], *, limit: int = 10) -> Sequence[Stretch]:
        inside = [each for vectors in self._of(scope).values() for each in vectors]
        products = {id(each): sum(a * b for a, b in zip(each.vector, vector, strict=True)) for each in inside}
        return [each.stretch for each in sorted(inside, key=lambda row: products[id(row)])][:limit]


class KeepsWhatIsTooMuch(ListIndex):
    async def replace(self, scope: Scope, document_id: str, vectors: Sequence[PlacedVector]) -> None:
        _, before = self.rows.get((scope.project_id, document_id), ("", ()))
        await super().replace(scope, document_id, [*vectors, *(before[len(vectors) :] if vectors else ())])


FAULTS: dict[str, tuple[type[ListIndex], str]] = {
    "the owner is passed over": (IgnoresTheOwner, "vectors.knows_the_revisions"),
    "the project is passed over": (IgnoresTheProject, "vectors.keeps_projects_apart"),
    "the filter comes too late": (FiltersAfterTheLimit, "vectors.finds_a_few_among_many_of_others"),
    "the farthest come first": (RanksByProduct, "vectors.finds_the_nearest_first"),
    "a shorter document keeps its end": (KeepsWhatIsTooMuch, "vectors.replaces_a_documents_vectors"),
}


def fresh(build: Callable[[], VectorIndex]) -> MakeIndex:
    """Gives an index of that kind, and closes it."""

    @contextlib.asynccontextmanager
    async def make() -> AsyncGenerator[VectorIndex]:
        index = build()
        try:
            yield index
        finally:
            await index.close()

    return make


@contextlib.asynccontextmanager
async def served() -> AsyncGenerator[VectorIndex]:
    """An index on a server of its own."""
    async with QdrantServer() as server:
        index = QdrantVectors.at(server.url, model="test")
        yield index
        await index.close()


def _cosine(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True)) / (math.hypot(*one) * math.hypot(*other))
