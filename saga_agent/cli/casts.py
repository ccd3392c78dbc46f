"""The cast of a text: who and what is named in it, how often, and in which chapters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from saga_agent.domain.document import DocumentHead
from saga_agent.domain.notes import Appearance
from saga_agent.domain.record import JsonObject
from saga_agent.formats.manuscript import Manuscript
from saga_agent.linking import detect

if TYPE_CHECKING:
    from saga_agent.app import Saga

_BREAK = "\n\n"


@dataclass(frozen=True, slots=True)
class CastMember:
    """Somebody or something named in a text."""

    name: str
    kind: str | None
    known: bool
    """Whether the story bible has them."""
    counts: tuple[int, ...]
    """Mentions in each chapter, in reading order."""

    @property
    def count(self) -> int:
        """Mentions in all chapters."""
        return sum(self.counts)

    def to_dict(self) -> JsonObject:
        """The member as JSON."""
        counts = list(self.counts)
        return {"name": self.name, "kind": self.kind, "known": self.known, "count": self.count, "chapters": [*counts]}


@dataclass(slots=True)
class _Tally:
    surfaces: Counter[str] = field(default_factory=Counter[str])
    kinds: Counter[str] = field(default_factory=Counter[str])
    chapters: Counter[int] = field(default_factory=Counter[int])

    def add(self, surface: str, kind: str | None, chapter: int, count: int = 1) -> None:
        self.surfaces[surface] += count
        self.chapters[chapter] += count
        if kind is not None:
            self.kinds[kind] += count

    def to_member(self, chapters: int, *, name: str | None = None) -> CastMember:
        kind = self.kinds.most_common(1)[0][0] if self.kinds else None
        counts = tuple(self.chapters[index] for index in range(chapters))
        return CastMember(name or self.surfaces.most_common(1)[0][0], kind, name is not None, counts)


def detect_cast(manuscript: Manuscript) -> list[CastMember]:
    """The cast of a manuscript that is in no project: all names are unknown ones."""
    text, starts = _joined([chapter.text for chapter in manuscript.documents])
    tallies: dict[str, _Tally] = {}
    chapter = 0
    for mention in sorted(detect(text), key=lambda mention: mention.start):
        while chapter + 1 < len(starts) and mention.start >= starts[chapter + 1]:
            chapter += 1
        surface = text[mention.start : mention.end]
        tallies.setdefault(mention.group or surface, _Tally()).add(surface, mention.kind, chapter)
    return _ranked(tally.to_member(len(starts)) for tally in tallies.values())


def count_cast(
    appearances: Iterable[Appearance], documents: Sequence[DocumentHead], names: Mapping[str, str]
) -> list[CastMember]:
    """The cast of stored documents; `names` are those of the bible by entity id."""
    chapters = {document.id: index for index, document in enumerate(documents)}
    tallies: dict[tuple[str | None, str], _Tally] = {}
    for appearance in appearances:
        if appearance.document_id in chapters:
            key = (appearance.entity_id, "" if appearance.entity_id else appearance.group or appearance.surface)
            tally = tallies.setdefault(key, _Tally())
            tally.add(appearance.surface, appearance.kind, chapters[appearance.document_id], appearance.count)
    return _ranked(
        tally.to_member(len(documents), name=names.get(entity_id) if entity_id else None)
        for (entity_id, _), tally in tallies.items()
    )


async def load_cast(saga: Saga, project_id: str, *, document: str | None = None) -> list[CastMember]:
    """The cast of a project, or of one of its documents; `NotFound` for a reference that fits none."""
    if document is not None:
        heads = [await saga.story.documents.resolve(project_id, document)]
    else:
        heads = [head async for head in saga.story.documents.all(project_id)]
    names = {entity.id: entity.name async for entity in saga.story.entities.all(project_id)}
    only = heads[0].id if document is not None else None
    return count_cast(await saga.story.mentions.count(project_id, document_id=only), heads, names)


def _ranked(members: Iterable[CastMember]) -> list[CastMember]:
    return sorted(members, key=lambda member: (-member.count, member.name))


def _joined(texts: Sequence[str]) -> tuple[str, list[int]]:
    """The texts as one, and where each begins."""
    starts: list[int] = []
    at = 0
    for text in texts:
        starts.append(at)
        at += len(text) + len(_BREAK)
    return _BREAK.join(texts), starts
