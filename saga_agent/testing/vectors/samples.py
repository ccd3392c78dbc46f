"""Vectors to try an index with, and what it finds."""

from __future__ import annotations

from collections.abc import Sequence

from saga_agent.domain.journal import Stretch
from saga_agent.retrieval.protocol import PlacedVector, Scope, VectorIndex

HOME = Scope(owner_id="own_1", project_id="prj_1")
ANOTHER_PROJECT = Scope(owner_id="own_1", project_id="prj_2")
ANOTHER_OWNER = Scope(owner_id="own_2", project_id="prj_1")
"""Who claims the same project."""
EAST, NORTH, UP = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)


def placed(vector: Sequence[float], start: int = 0, *, document_id: str = "doc_1", rev: int = 1) -> PlacedVector:
    """A vector of a passage of ten characters."""
    stretch = Stretch(document_id=document_id, document_rev=rev, start=start, end=start + 10)
    return PlacedVector(stretch=stretch, vector=vector)


async def starts(index: VectorIndex, vector: Sequence[float], *, scope: Scope = HOME, limit: int = 10) -> list[int]:
    """Where the passages begin that are found, the nearest first."""
    return [stretch.start for stretch in await index.search(scope, vector, limit=limit)]
