"""Mentions, held document by document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from saga_agent.domain.notes import Appearance, Mention
from saga_agent.domain.record import Page
from saga_agent.storage.memory.detached import detached
from saga_agent.storage.memory.paging import Key, page
from saga_agent.storage.memory.records import matching


def _position(mention: Mention) -> Key:
    return (mention.document_id, mention.start, mention.end, mention.id)


class MemoryMentions:
    """The names in the text."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], tuple[Mention, ...]] = {}

    async def replace(self, project_id: str, document_id: str, mentions: Sequence[Mention]) -> None:
        self._rows[project_id, document_id] = detached(tuple(mentions))

    async def list(
        self, project_id: str, *, where: Mapping[str, str] | None = None, after: str | None = None, limit: int = 1000
    ) -> Page[Mention]:
        found = matching("mentions", iter(self._of(project_id)), where)
        return page(found, key=_position, after=after, limit=limit)

    async def count(self, project_id: str, *, document_id: str | None = None) -> Sequence[Appearance]:
        counted: dict[tuple[str, str | None, str | None], Appearance] = {}
        for mention in sorted(self._of(project_id), key=_position):
            if document_id is not None and mention.document_id != document_id:
                continue
            group = mention.group if mention.entity_id is None else None
            key = (mention.document_id, mention.entity_id, group)
            seen = counted.get(key) or Appearance(
                document_id=mention.document_id,
                entity_id=mention.entity_id,
                group=group,
                kind=mention.kind,
                surface=mention.surface,
                count=0,
                first=mention.start,
            )
            counted[key] = seen.model_copy(update={"count": seen.count + 1})
        return list(counted.values())

    async def purge(self, project_id: str) -> None:
        for key in [key for key in self._rows if key[0] == project_id]:
            del self._rows[key]

    def _of(self, project_id: str) -> Sequence[Mention]:
        return [mention for key, mentions in self._rows.items() if key[0] == project_id for mention in mentions]
