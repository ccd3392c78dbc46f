"""Names in the manuscript: the bible compiled for linking, and the mentions kept in step with text and bible."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from saga_agent.domain.document import Document
from saga_agent.domain.entity import Entity
from saga_agent.domain.notes import Mention
from saga_agent.ids import derived_id
from saga_agent.linking import Bible, compile_bible, detect, link
from saga_agent.linking import Mention as NamedSpan
from saga_agent.storage.protocol import StoryPorts

_LINK_KIND = {"character": "character", "location": "place", "faction": "faction", "culture": "faction"}
_PAGE = 500


@dataclass(frozen=True, slots=True)
class FoundName:
    """A name in a text: linked to an entity, shared by several, or unknown and grouped."""

    start: int
    end: int
    surface: str
    entity_id: str | None
    kind: str | None
    group: str | None
    candidates: tuple[str, ...] = ()


def compile_entities(entities: Iterable[Entity]) -> Bible:
    """The bible of these entities; types without a linking kind of their own count as items."""
    return compile_bible(
        {
            "id": entity.id,
            "kind": _LINK_KIND.get(entity.type, "item"),
            "name": entity.name,
            "aliases": [
                {"text": alias.text, "case_sensitive": alias.case_sensitive, "exclude": list(alias.exclude)}
                for alias in entity.aliases
            ],
        }
        for entity in entities
    )


def find_names(text: str, bible: Bible, *, known_only: bool = False) -> list[FoundName]:
    """Known names of the bible and, unless `known_only`, unknown ones beside them, in order of position."""
    known = link(text, bible)
    found = [_found(text, mention) for mention in known]
    if not known_only:
        taken = [(mention.start, mention.end) for mention in known]
        found += [_found(text, mention) for mention in detect(text) if not _overlaps(mention, taken)]
    return sorted(found, key=lambda name: name.start)


def _found(text: str, mention: NamedSpan) -> FoundName:
    return FoundName(
        mention.start, mention.end, text[mention.start : mention.end],
        mention.entity_id, mention.kind, mention.group, tuple(mention.candidates),
    )  # fmt: skip


def _overlaps(mention: NamedSpan, taken: list[tuple[int, int]]) -> bool:
    index = bisect_left(taken, (mention.end, 0))
    return index > 0 and taken[index - 1][1] > mention.start


class Names:
    """Keeps a project's mentions true to its documents and its bible."""

    def __init__(self, ports: StoryPorts) -> None:
        self._ports = ports

    async def bible(self, project_id: str) -> Bible:
        """The project's bible as it stands, compiled."""
        return compile_entities(await self.entities(project_id))

    async def entities(self, project_id: str) -> list[Entity]:
        """All entities of the project."""
        entities: list[Entity] = []
        after: str | None = None
        while True:
            page = await self._ports.entities.list(project_id, after=after, limit=_PAGE)
            entities += page.items
            if page.next is None:
                return entities
            after = page.next

    async def refresh_document(self, document: Document, *, bible: Bible | None = None) -> int:
        """Finds the document's names anew and stores them; gives their number."""
        bible = bible or await self.bible(document.project_id)
        names = await asyncio.to_thread(find_names, document.text, bible)
        mentions = [_mention(document, name) for name in names]
        await self._ports.mentions.replace(document.project_id, document.id, mentions)
        return len(mentions)

    async def refresh_project(self, project_id: str, *, holding: Iterable[str] | None = None) -> int:
        """Finds the names of all documents anew (of those that hold one of these words, if given)."""
        bible = await self.bible(project_id)
        words = None if holding is None else [word.casefold() for word in holding]
        count = 0
        after: str | None = None
        while True:
            page = await self._ports.documents.list(project_id, after=after, limit=_PAGE)
            for head in page.items:
                document = await self._ports.documents.get(project_id, head.id)
                if words is None or _holds(document.text, words):
                    count += await self.refresh_document(document, bible=bible)
            if page.next is None:
                return count
            after = page.next


def _holds(text: str, words: list[str]) -> bool:
    folded = text.casefold()
    return any(word in folded for word in words)


def _mention(document: Document, name: FoundName) -> Mention:
    return Mention(
        id=derived_id("men", document.id, str(document.rev), str(name.start)),
        project_id=document.project_id,
        document_id=document.id,
        document_rev=document.rev,
        start=name.start,
        end=name.end,
        surface=name.surface,
        entity_id=name.entity_id,
        kind=name.kind,
        group=name.group,
        how="exact" if name.entity_id else "detected",
    )
