"""Passages: the full-text index, searched by scoring all passages of a project with a small BM25.

Words are folded so that case, diacritics and a plural do not matter.

Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from saga_agent.domain.journal import Hit, Passage, Stretch, words_held
from saga_agent.domain.words import words_of
from saga_agent.storage.memory.tables import Tables

_K1, _B = 1.2, 0.75


def words(text: str) -> list[str]:
    """The text's words, folded; everything that is no letter or digit only parts them."""
    return [_singular(word) for word in words_of(text)]


def scores(query: str, texts: Sequence[str]) -> list[float]:
    """The score of each text for the query; 0 where no word matches."""
    bags = [Counter(words(text)) for text in texts]
    lengths = [bag.total() for bag in bags]
    mean = sum(lengths) / len(lengths) if lengths else 0.0
    found = [0.0] * len(bags)
    for word in set(words(query)):
        holders = sum(1 for bag in bags if word in bag)
        rarity = math.log(1 + (len(bags) - holders + 0.5) / (holders + 0.5))
        for index, bag in enumerate(bags):
            if count := bag[word]:
                norm = _K1 * (1 - _B + _B * lengths[index] / mean)
                found[index] += rarity * count * (_K1 + 1) / (count + norm)
    return found


def _singular(word: str) -> str:
    # Harman's s-stemmer: the order matters, "ss" and "us" are no plurals.
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us")) and len(word) > 3:
        return word[:-1]
    return word


class MemoryPassages:
    """Passages by (project, document); title and text are searched."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._words: dict[tuple[str, str], frozenset[str]] = {}
        """By project and document, the words of the document."""

    async def replace(self, project_id: str, document_id: str, passages: Sequence[Passage]) -> None:
        self._tables.passages.pop((project_id, document_id), None)
        self._words.pop((project_id, document_id), None)
        if passages:
            self._tables.passages[project_id, document_id] = tuple(passages)
            self._words[project_id, document_id] = words_held(passages)

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

    async def holding(self, project_id: str, phrases: Collection[Collection[str]]) -> Sequence[str]:
        return sorted(
            document_id
            for (project, document_id), words in self._words.items()
            if project == project_id and any(words.issuperset(phrase) for phrase in phrases)
        )

    async def revisions(self, project_id: str) -> Mapping[str, int]:
        return {
            document_id: rows[0].document_rev
            for (project, document_id), rows in self._tables.passages.items()
            if project == project_id
        }

    async def purge(self, project_id: str) -> None:
        for key in [key for key in self._tables.passages if key[0] == project_id]:
            del self._tables.passages[key]
            del self._words[key]

    def holds(self, project_id: str) -> bool:
        """Whether there is anything of the project."""
        return any(key[0] == project_id for key in self._tables.passages)
