"""Passages: the full-text index, searched by scoring all passages of a project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from saga_agent.domain.journal import Hit, Passage, Stretch
from saga_agent.storage.memory.bm25 import scores
from saga_agent.storage.memory.tables import Tables


class MemoryPassages:
    """Passages by (project, document); title and text are searched."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def replace(self, project_id: str, document_id: str, passages: Sequence[Passage]) -> None:
        self._tables.passages.pop((project_id, document_id), None)
        if passages:
            self._tables.passages[project_id, document_id] = tuple(passages)

    async def search(self, project_id: str, query: str, *, limit: int = 10) -> Sequence[Hit]:
        passages = [row for key, rows in self._tables.passages.items() if key[0] == project_id for row in rows]
        found = scores(query, [f"{passage.title}\n{passage.text}" for passage in passages])
        hits = [
            Hit(**passage.model_dump(), score=score) for passage, score in zip(passages, found, strict=True) if score
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.document_id, hit.start))[:limit]

    async def list(self, project_id: str, document_id: str) -> Sequence[Passage]:
        found = self._tables.passages.get((project_id, document_id), ())
        return sorted(found, key=lambda passage: passage.start)

    async def find(self, project_id: str, stretches: Sequence[Stretch]) -> Sequence[Passage]:
        documents = {stretch.document_id for stretch in stretches}
        stored = {each.place: each for name in documents for each in await self.list(project_id, name)}
        return [stored[each.place] for each in stretches if each.place in stored]

    async def revisions(self, project_id: str) -> Mapping[str, int]:
        return {
            document_id: rows[0].document_rev
            for (project, document_id), rows in self._tables.passages.items()
            if project == project_id
        }

    async def purge(self, project_id: str) -> None:
        for key in [key for key in self._tables.passages if key[0] == project_id]:
            del self._tables.passages[key]

    def holds(self, project_id: str) -> bool:
        """Whether there is anything of the project."""
        return any(key[0] == project_id for key in self._tables.passages)
