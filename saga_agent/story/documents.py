"""Documents and entities, with the upkeep that a change of either brings: search index and mentions."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final

from saga_agent.domain.document import Document, DocumentHead
from saga_agent.domain.entity import Entity
from saga_agent.domain.history import Change
from saga_agent.domain.journal import Hit, Passage
from saga_agent.domain.project import Project
from saga_agent.domain.words import words_of
from saga_agent.errors import AmbiguousReference, InvalidInput, NotFound
from saga_agent.formats.passages import split_passages
from saga_agent.offload import off_loop
from saga_agent.retrieval.protocol import Retriever, Scope
from saga_agent.storage.ports.journal import Passages
from saga_agent.story.access import OwnerPorts
from saga_agent.story.aftercare import Step
from saga_agent.story.changelog import ChangeLog
from saga_agent.story.lexicons import linking_entry
from saga_agent.story.names import Names
from saga_agent.story.records import RecordService

Progress = Callable[[int, int, str], None]
"""Called with (done, total, what is being worked on)."""
_NAMESAKES: Final = 50
"""How many entities with the words of a name are read at first."""
_NUMBERED = re.compile(r"^(?:(?:chapter|ch\.?|scene|part)\s+)?(\d+)$", re.IGNORECASE)


class DocumentService(RecordService[Document, DocumentHead]):
    """The manuscript of one owner's projects."""

    def __init__(self, access: OwnerPorts, passages: Passages, retriever: Retriever, names: Names) -> None:
        super().__init__(access, access.ports.documents, Document, "doc")
        self._passages, self._retriever, self._names = passages, retriever, names

    async def resolve(self, project_id: str, reference: str) -> DocumentHead:
        """The document with that id, number ("chapter 7", "7") or title, upper and lower case alike.

        Raises: `NotFound` naming a few that exist, `AmbiguousReference` with the candidates.
        """
        heads = [head async for head in self.all(project_id)]
        wanted = reference.strip().casefold()
        number = _NUMBERED.match(wanted)
        tests: tuple[Callable[[DocumentHead], bool], ...] = (
            lambda head: head.id == reference,
            lambda head: number is not None and head.number == int(number[1]),
            lambda head: wanted in (head.title.casefold(), head.label.casefold()),
            lambda head: bool(wanted) and wanted in head.label.casefold(),
        )
        for test in tests:
            found = [head for head in heads if test(head)]
            if len(found) == 1:
                return found[0]
            if found:
                raise AmbiguousReference("document", reference, [head.label for head in found[:8]])
        known = ", ".join(repr(head.label) for head in heads[:5])
        raise NotFound("document", reference, hint=f"There are {known}, ..." if known else "The project has none yet.")

    async def _stored(self, before: Document | None, after: Document) -> None:
        await self.refresh(after)

    def _later(self, record: Document, step: Step) -> Step:
        return partial(self._refresh_stored, record.project_id, record.id)

    async def _refresh_stored(self, project_id: str, document_id: str) -> None:
        document = await self.find(project_id, document_id)
        if document is None:
            await self.forget(project_id, document_id)
        else:
            await self.refresh(document)

    async def make_up(self, project_id: str) -> None:
        """Brings up to date what writes of this process, or of one that died, left behind; failures are logged."""
        await self._access.aftercare.make_up(project_id)
        await self._access.aftercare.compare_once(project_id, partial(self._catch_up, project_id))

    async def _catch_up(self, project_id: str) -> None:
        """Refreshes the documents whose index is of another revision, and forgets those that are gone."""
        indexed = dict(await self._passages.revisions(project_id))
        async for head in self.all(project_id):
            held = indexed.pop(head.id, None)
            if held != head.rev and (held is not None or head.characters):
                await self._refresh_stored(project_id, head.id)
        for document_id in indexed:
            await self._refresh_stored(project_id, document_id)

    async def _deleting(self, record: Document, change: Change | None) -> None:
        await self.forget(record.project_id, record.id)

    async def search(self, project_id: str, query: str, *, limit: int = 10) -> Sequence[Hit]:
        """The best passages of the project for a query in plain words, best first."""
        return await self.search_in(await self._access.project(project_id), query, limit=limit)

    async def search_in(self, project: Project, query: str, *, limit: int = 10) -> Sequence[Hit]:
        """The same in a project of the owner's that was read already; `NotFound` for another's."""
        if project.owner_id != self._access.owner_id:
            raise NotFound("project", project.id)
        await self.make_up(project.id)
        return await self._retriever.search(self._scope(project.id), query, limit=limit)

    def search_notice(self) -> str:
        """What this owner should know of searches that fail, once for each time that it begins; else empty."""
        return self._retriever.notice(self._access.owner_id)

    async def settle(self) -> None:
        """Returns when everything that was stored can be found; by words that is at once, by meaning a little later.

        Raises: `StorageUnavailable`, `ModelError` when a server fails; it is tried again all the same.
        """
        await self._retriever.settle()

    async def reindex(self, project_id: str, *, progress: Progress | None = None) -> int:
        """Makes the search index of all documents anew, waits until it is whole, and gives their number.

        Raises: `NotFound`; `StorageUnavailable`, `ModelError` when a server fails.
        """
        heads = [head async for head in self.all(project_id)]
        await self._retriever.purge(self._scope(project_id))
        for gone in (await self._passages.revisions(project_id)).keys() - {head.id for head in heads}:
            await self.forget(project_id, gone)
        for index, head in enumerate(heads):
            if progress is not None:
                progress(index, len(heads), head.label)
            if (document := await self.find(project_id, head.id)) is not None:
                await self._index(document)
        await self._retriever.settle()
        if progress is not None:
            progress(len(heads), len(heads), "done")
        return len(heads)

    async def count_names(self, project_id: str, document_id: str) -> int:
        """The number of mentions stored for the document."""
        appearances = await self._access.ports.mentions.count(project_id, document_id=document_id)
        return sum(appearance.count for appearance in appearances)

    async def refresh(self, document: Document) -> None:
        """Brings search index and mentions of a document up to date with its text, and with the project's bible.

        The index comes after the mentions: that it holds a revision tells that this was done for it.
        """
        reading = await self._names.refresh_document(document)
        await self._index(document)
        await self._names.confirm([reading])

    async def forget(self, project_id: str, document_id: str) -> None:
        """Drops the mentions and passages of a document that is gone, or about to be."""
        await self._access.ports.mentions.replace(project_id, document_id, ())
        await self._passages.replace(project_id, document_id, ())
        self._retriever.changed(self._scope(project_id), document_id)

    async def indexed_revisions(self, project_id: str) -> Mapping[str, int]:
        """The revision of each document that the search index holds, by id; `NotFound` for the project."""
        await self._access.project(project_id)
        return await self._passages.revisions(project_id)

    async def _index(self, document: Document) -> None:
        passages = await off_loop(_passages_of, document)
        await self._passages.replace(document.project_id, document.id, passages)
        self._retriever.changed(self._scope(document.project_id), document.id)

    def _scope(self, project_id: str) -> Scope:
        return Scope(owner_id=self._access.owner_id, project_id=project_id)


def _passages_of(document: Document) -> list[Passage]:
    return [
        Passage(
            document_id=document.id,
            document_rev=document.rev,
            start=span.start,
            end=span.end,
            title=document.label,
            text=document.text[span.start : span.end],
        )
        for span in split_passages(document.text)
    ]


class EntityService(RecordService[Entity, Entity]):
    """The story bible of one owner's projects."""

    def __init__(self, access: OwnerPorts, names: Names) -> None:
        super().__init__(access, access.ports.entities, Entity, "ent")
        self._names = names

    async def resolve(self, project_id: str, reference: str) -> Entity:
        """The entity with that id, name or alias, upper and lower case alike.

        Raises: `NotFound`, `AmbiguousReference` when two own the name.
        """
        await self._access.project(project_id)
        with suppress(NotFound, InvalidInput):  # what is no id may be a name
            return await self._access.ports.entities.get(project_id, reference)
        wanted = reference.strip().casefold()
        found = [entity for entity in await self._sharing_words(project_id, reference) if _is_called(entity, wanted)]
        if len(found) > 1:
            raise AmbiguousReference("entity", reference, sorted(f"{entity.name} ({entity.type})" for entity in found))
        if not found:
            raise NotFound("entity", reference)
        return found[0]

    async def _sharing_words(self, project_id: str, reference: str) -> Sequence[Entity]:
        """The entities with all words of the reference in their names, and perhaps others; for no words, all."""
        words = frozenset(words_of(reference))
        if not words:
            return [entity async for entity in self.all(project_id)]
        limit = _NAMESAKES
        while True:
            found = await self._access.ports.entities.named(project_id, sorted(words), limit=limit)
            if len(found) < limit or not words <= found[-1].name_words():
                return found
            limit *= 10

    @asynccontextmanager
    async def together(self, project_id: str) -> AsyncGenerator[EntityBatch]:
        """The same verbs, for many entities of a project: the mentions of all of them follow at the end."""
        batch = EntityBatch(self._access, self._names)
        try:
            yield batch
        finally:
            later = partial(self._names.refresh_project, project_id)
            await self._access.aftercare.do(project_id, "entities stored together", batch.follow, later=later)

    async def _check(self, before: Entity | None, after: Entity) -> None:
        await super()._check(before, after)
        linking_entry(after)  # one that cannot be linked would be met at each write of a document

    async def _stored(self, before: Entity | None, after: Entity) -> None:
        await self._names.follow([(before, after)])

    def _later(self, record: Entity, step: Step) -> Step:
        return partial(self._catch_up, record)

    async def _catch_up(self, record: Entity) -> None:
        """All that may be left behind of an entity that came, changed or went."""
        if await self.find(record.project_id, record.id) is None:
            await self._let_go(record.project_id, record.id, None)
        await self._names.refresh_project(record.project_id)

    async def _deleted(self, record: Entity) -> None:
        await self._let_go(record.project_id, record.id, self._access.log)  # what was tied to it while it went
        await self._names.follow([(record, None)])

    async def _deleting(self, record: Entity, change: Change | None) -> None:
        await self._let_go(record.project_id, record.id, self._access.log.within(change) if self._access.log else None)

    async def follow_unseen(self, project_id: str, entity_ids: Sequence[str]) -> None:
        """Brings the project up to date with entities that were changed or removed behind the port."""
        for entity_id in entity_ids:
            if await self.find(project_id, entity_id) is None:
                await self._let_go(project_id, entity_id, None)
        await self._names.follow_unseen(project_id, entity_ids)

    async def _let_go(self, project_id: str, entity_id: str, log: ChangeLog | None) -> None:
        """Removes the entity's ties and facts, each with a change of its own where a log is kept."""
        ports = self._access.ports
        for end in ("source_id", "target_id"):
            while ties := (await ports.relationships.list(project_id, where={end: entity_id})).items:
                for tie in ties:
                    kept = await log.intend("relationship", tie, None) if log else None
                    await ports.relationships.delete(project_id, tie.id)
                    await self._done(log, kept)
        while facts := (await ports.facts.list(project_id, where={"subject_id": entity_id})).items:
            for fact in facts:
                kept = await log.intend("fact", fact, None) if log else None
                await ports.facts.delete(project_id, fact.id)
                await self._done(log, kept)

    async def _done(self, log: ChangeLog | None, change: Change | None) -> None:
        if log is not None:
            await log.done(change, None)


class EntityBatch(EntityService):
    """Entities that are stored together."""

    def __init__(self, access: OwnerPorts, names: Names) -> None:
        super().__init__(access, names)
        self._changes: list[tuple[Entity | None, Entity | None]] = []
        self._found: list[Entity] = []

    def found(self, entity: Entity) -> None:
        """Notes one that is stored already: a batch that was cut off may have left it unlinked."""
        self._found.append(entity)

    async def follow(self) -> None:
        """Brings the mentions up to date."""
        await self._names.follow(self._changes)
        await self._names.follow_unnamed(self._found)

    async def _stored(self, before: Entity | None, after: Entity) -> None:
        self._changes.append((before, after))

    async def _deleted(self, record: Entity) -> None:
        await self._let_go(record.project_id, record.id, self._access.log)
        self._changes.append((record, None))


def _is_called(entity: Entity, wanted: str) -> bool:
    return wanted in (entity.name.casefold(), *(alias.text.casefold() for alias in entity.aliases))
