"""Passages and embeddings with one fault each, to see that the kit finds it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from saga_agent.domain.journal import Passage, Stretch
from saga_agent.storage.adapter import Storage
from saga_agent.storage.memory.blobs import MemoryEmbeddings
from saga_agent.storage.memory.passages import MemoryPassages
from tests.conformance.broken import with_noun


class FindsByPlaceAlone(MemoryPassages):
    async def find(self, project_id: str, stretches: Sequence[Stretch]) -> Sequence[Passage]:
        stored = {each.document_id: await self.list(project_id, each.document_id) for each in stretches}
        return [row for each in stretches for row in stored[each.document_id] if row.start == each.start]


class HoldsFoldedWords(MemoryPassages):
    async def holding(self, project_id: str, phrases: Collection[Collection[str]]) -> Sequence[str]:
        return await super().holding(project_id, [[word.lower() for word in phrase] for phrase in phrases])


class HoldsEverything(MemoryPassages):
    async def holding(self, project_id: str, phrases: Collection[Collection[str]]) -> Sequence[str]:
        return await super().holding(project_id, [()] if phrases else ())


class AddsVectors(MemoryEmbeddings):
    async def replace(self, project_id: str, document_id: str, model: str, vectors: Mapping[str, bytes]) -> None:
        self._rows.setdefault((project_id, document_id, model), {}).update(vectors)


class SharesVectorsBetweenProjects(MemoryEmbeddings):
    async def find(self, project_id: str, model: str, hashes: Sequence[str]) -> Mapping[str, bytes]:
        projects = {key[0] for key in self._rows}
        return {hash: row for each in projects for hash, row in (await super().find(each, model, hashes)).items()}


SEARCH_FAULTS: dict[str, tuple[Callable[[], Storage], str]] = {
    "a passage is found at a revision that is gone": (
        with_noun("passages", FindsByPlaceAlone),
        "journal.passages.leaves_out_places_that_have_changed",
    ),
    "words are looked for in small letters": (
        with_noun("passages", HoldsFoldedWords),
        "journal.passages.tells_which_documents_hold_words",
    ),
    "every document may hold a word": (
        with_noun("passages", HoldsEverything),
        "journal.passages.tells_of_few_documents_that_hold_no_such_words",
    ),
    "vectors pile up": (
        with_noun("embeddings", lambda _: AddsVectors()),
        "journal.embeddings.replaces_those_of_the_document",
    ),
    "vectors of one project are known in another": (
        with_noun("embeddings", lambda _: SharesVectorsBetweenProjects()),
        "journal.embeddings.keeps_projects_apart",
    ),
}
