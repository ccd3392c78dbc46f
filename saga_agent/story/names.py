"""Names in the manuscript: the bible compiled for linking, and the mentions kept in step with text and bible."""

from __future__ import annotations

import logging
from bisect import bisect_left
from collections import deque
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import dataclass

from saga_agent.domain.document import Document
from saga_agent.domain.entity import Entity
from saga_agent.domain.notes import Mention
from saga_agent.errors import InvalidInput, NotFound
from saga_agent.ids import derived_id
from saga_agent.linking import Bible, compile_bible, detect, link
from saga_agent.linking import Mention as NamedSpan
from saga_agent.linking.entries import read_entries
from saga_agent.linking.flat import flatten
from saga_agent.linking.hits import find_hits
from saga_agent.offload import off_loop
from saga_agent.storage.ports.story import StoryPorts

_log = logging.getLogger(__name__)
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
    return compile_bible(_entry(entity) for entity in entities)


def check_linkable(entity: Entity) -> None:
    """Raises `InvalidInput` for an entity whose id or names linking cannot use."""
    deque(read_entries([_entry(entity)]), maxlen=0)


def _entry(entity: Entity) -> dict[str, object]:
    return {
        "id": entity.id,
        "kind": _LINK_KIND.get(entity.type, "item"),
        "name": entity.name,
        "aliases": [
            {"text": alias.text, "case_sensitive": alias.case_sensitive, "exclude": list(alias.exclude)}
            for alias in entity.aliases
        ],
    }


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
        mention.start,
        mention.end,
        text[mention.start : mention.end],
        mention.entity_id,
        mention.kind,
        mention.group,
        tuple(mention.candidates),
    )


def _overlaps(mention: NamedSpan, taken: list[tuple[int, int]]) -> bool:
    index = bisect_left(taken, (mention.end, 0))
    return index > 0 and taken[index - 1][1] > mention.start


class Names:
    """Keeps a project's mentions true to its documents and its bible."""

    def __init__(self, ports: StoryPorts) -> None:
        self._ports = ports

    async def bible(self, project_id: str) -> Bible:
        """The project's bible as it stands, compiled."""
        return await off_loop(_compile_linkable, await self.entities(project_id))

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
        """Finds the document's names anew and stores them; gives their number.

        A document that changes or goes meanwhile is followed: the last to store its mentions finds that out.
        """
        bible = bible or await self.bible(document.project_id)
        current: Document | None = document
        while current is not None:
            document = current
            names = await off_loop(find_names, document.text, bible)
            mentions = await off_loop(_mentions, document, names)
            await self._ports.mentions.replace(document.project_id, document.id, mentions)
            current = await self._find(document.project_id, document.id)
            if current is not None and current.rev == document.rev:
                return len(mentions)
        await self._ports.mentions.replace(document.project_id, document.id, ())
        return 0

    async def follow(self, before: Entity | None, after: Entity | None) -> int:
        """Brings mentions up to date with an entity that came, changed or went; gives their number in what was redone.

        Only documents that hold one of its names, as they were or as they are, are read for names again.
        """
        versions = [entity for entity in (before, after) if entity is not None]
        if not versions or (before is not None and after is not None and _entry(before) == _entry(after)):
            return 0
        names = [await off_loop(compile_entities, [entity]) for entity in versions]
        project_id, count = versions[0].project_id, 0
        bible: Bible | None = None
        async for document in self._documents(project_id):
            if await off_loop(_holds, document.text, names):
                bible = bible or await self.bible(project_id)
                count += await self.refresh_document(document, bible=bible)
        return count

    async def follow_unseen(self, project_id: str, entity_ids: Collection[str]) -> int:
        """The same for entities that came, changed or went without our seeing how they were before."""
        held = {document_id for each in entity_ids for document_id in await self._documents_naming(project_id, each)}
        found = [entity for entity in await self.entities(project_id) if entity.id in entity_ids]
        names, bible, count = [await off_loop(compile_entities, found)], await self.bible(project_id), 0
        async for document in self._documents(project_id):
            if document.id in held or await off_loop(_holds, document.text, names):
                count += await self.refresh_document(document, bible=bible)
        return count

    async def _documents_naming(self, project_id: str, entity_id: str) -> set[str]:
        found, after = set[str](), None
        while True:
            page = await self._ports.mentions.list(project_id, where={"entity_id": entity_id}, after=after)
            found |= {mention.document_id for mention in page.items}
            if (after := page.next) is None:
                return found

    async def refresh_project(self, project_id: str) -> int:
        """Finds the names of all documents anew; gives their number."""
        bible = await self.bible(project_id)
        return sum([await self.refresh_document(each, bible=bible) async for each in self._documents(project_id)])

    async def _documents(self, project_id: str) -> AsyncIterator[Document]:
        after: str | None = None
        while True:
            page = await self._ports.documents.list(project_id, after=after, limit=_PAGE)
            for head in page.items:
                if (document := await self._find(project_id, head.id)) is not None:
                    yield document
            if page.next is None:
                return
            after = page.next

    async def _find(self, project_id: str, document_id: str) -> Document | None:
        try:
            return await self._ports.documents.get(project_id, document_id)
        except NotFound:
            return None


def _compile_linkable(entities: Sequence[Entity]) -> Bible:
    try:
        return compile_entities(entities)
    except InvalidInput:  # a row that was stored by other means than ours
        return compile_entities(entity for entity in entities if _can_be_linked(entity))


def _can_be_linked(entity: Entity) -> bool:
    try:
        check_linkable(entity)
    except InvalidInput as error:
        _log.warning("entity %s of project %s is left out of linking: %s", entity.id, entity.project_id, error)
        return False
    return True


def _holds(text: str, bibles: Sequence[Bible]) -> bool:
    """Whether a name stands there at all, whatever its surroundings make of it in the company of other names."""
    flat = flatten(text).text
    return any(find_hits(flat, bible) for bible in bibles)


def _mentions(document: Document, names: Sequence[FoundName]) -> list[Mention]:
    return [_mention(document, name) for name in names]


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
