"""The story bible: records, and looking entities up by the words of their names."""

from __future__ import annotations

from collections.abc import Sequence

from saga_agent.domain.entity import Entity
from saga_agent.storage.memory.detached import detached
from saga_agent.storage.memory.records import MemoryRecords


class MemoryEntities(MemoryRecords[Entity]):
    """Entities, whose names are read anew for every search."""

    def __init__(self) -> None:
        super().__init__("entities", "entity")

    async def named(self, project_id: str, words: Sequence[str], *, limit: int = 100) -> Sequence[Entity]:
        wanted = frozenset(words)
        held = ((len(wanted & entity.name_words()), entity) for entity in self._matching(project_id, None))
        found = sorted((-count, entity.id, entity) for count, entity in held if count)
        return [detached(entity) for _, _, entity in found[:limit]]
