"""Names in the manuscript: the mentions, kept in step with text and bible."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from saga_agent.domain.document import Document
from saga_agent.domain.entity import Entity
from saga_agent.domain.notes import Mention
from saga_agent.domain.record import Provenance
from saga_agent.domain.words import written_words
from saga_agent.errors import InvalidInput, NotFound
from saga_agent.ids import derived_id
from saga_agent.linking import Bible, detect, link
from saga_agent.linking import Mention as NamedSpan
from saga_agent.linking.bible import Spelled, merge, spell
from saga_agent.linking.entries import Entry
from saga_agent.linking.flat import flatten
from saga_agent.linking.hits import find_hits
from saga_agent.linking.lexicon import Lexicon, phrases_of
from saga_agent.offload import off_loop
from saga_agent.storage.ports.journal import Passages
from saga_agent.storage.ports.story import StoryPorts
from saga_agent.story.lexicons import Lexicons, linking_entry

_PAGE: Final = 500
_AT_ONCE: Final = 16
_OURS: Final = Provenance()
"""Documents that are read for names at the same time."""


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


def _overlaps(mention: NamedSpan | Mention, taken: Sequence[tuple[int, int]]) -> bool:
    index = bisect_left(taken, (mention.end, 0))
    return index > 0 and taken[index - 1][1] > mention.start


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document was linked with."""

    document: Document
    """As it was read."""
    count: int
    """How many mentions were found."""
    words: frozenset[str]
    lexicon: Lexicon
    version: int


class Names:
    """Keeps a project's mentions true to its documents and its bible."""

    def __init__(self, ports: StoryPorts, passages: Passages, lexicons: Lexicons) -> None:
        self._ports, self._passages, self._lexicons = ports, passages, lexicons

    async def find(self, project_id: str, text: str, *, known_only: bool = False) -> list[FoundName]:
        """The names in a text, against the project's bible as it stands."""
        lexicon = await self._lexicons.get(self._ports.entities, project_id)
        return await off_loop(_read, text, lexicon, known_only=known_only)

    async def refresh_document(self, document: Document) -> Reading:
        """Finds the document's names anew and stores them.

        A document that changes or goes meanwhile is followed: the last to store its mentions finds that out. Whether
        the bible changed meanwhile is for `confirm` to find out, once the search index has the document's words.
        """
        lexicon = await self._lexicons.get(self._ports.entities, document.project_id)
        return await self._refresh(document, lexicon, stored=())

    async def confirm(self, readings: Sequence[Reading]) -> int:
        """Reads documents again while entities that they name come, change or go; gives the number of their mentions.

        Who stores an entity looks for the documents with its words afterwards, and who stores a document looks for
        such entities after its words are in the index: one of the two sees the other.
        """
        count = 0
        while readings:
            project_id = readings[0].document.project_id
            lexicon = await self._lexicons.get(self._ports.entities, project_id)
            again: list[Reading] = []
            for reading in readings:
                if await _still_holds(reading, lexicon):
                    count += reading.count
                else:
                    again.append(await self._refresh(reading.document, lexicon, stored=()))
            readings = again
        return count

    async def _refresh(self, document: Document, lexicon: Lexicon, *, stored: Sequence[Mention]) -> Reading:
        """The same with a bible that is at hand; what stays of what is stored for this text is not found again."""
        while True:
            version, words, mentions = await off_loop(_read_document, document, lexicon, stored)
            if mentions != stored:
                await self._ports.mentions.replace(document.project_id, document.id, mentions)
            current = await self._find(document.project_id, document.id)
            if current is None:
                await self._ports.mentions.replace(document.project_id, document.id, ())
                return Reading(document, 0, frozenset(), lexicon, version)
            if current.rev == document.rev:
                return Reading(document, len(mentions), words, lexicon, version)
            document, stored = current, ()

    async def follow(self, changes: Sequence[tuple[Entity | None, Entity | None]]) -> int:
        """Brings mentions up to date with entities of one project that came, changed or went, as (before, after).

        Only documents that hold one of their names, as they were or as they are, are read for names again, each once.
        Gives the number of mentions in those.
        """
        entries = await off_loop(_changed_entries, changes)
        if not entries:
            return 0
        (project_id,) = {entity.project_id for pair in changes for entity in pair if entity is not None}
        return await self._follow(project_id, entries)

    async def follow_unnamed(self, entities: Sequence[Entity]) -> int:
        """The same for entities of one project that are linked nowhere, whoever should have seen to it."""
        unnamed: list[tuple[Entity | None, Entity | None]] = []
        for entity in entities:
            page = await self._ports.mentions.list(entity.project_id, where={"entity_id": entity.id}, limit=1)
            unnamed += [] if page.items else [(None, entity)]
        return await self.follow(unnamed)

    async def follow_unseen(self, project_id: str, entity_ids: Collection[str]) -> int:
        """The same for entities that came, changed or went without our seeing how they were before."""
        named = {each.document_id for id in entity_ids for each in await self._mentions(project_id, entity_id=id)}
        entries = self._lexicons.remembered(project_id, entity_ids)
        for entity_id in entity_ids:
            with suppress(NotFound, InvalidInput):
                entries.append(linking_entry(await self._ports.entities.get(project_id, entity_id)))
        return await self._follow(project_id, entries, besides=named)

    async def _follow(self, project_id: str, entries: Sequence[Entry], *, besides: Collection[str] = ()) -> int:
        sought = await off_loop(_Sought, entries)
        held = await self._passages.holding(project_id, sought.phrases)

        async def concerns(document: Document) -> bool:
            return document.id in besides or await off_loop(sought.stands_in, document.text)

        return await self._read_again(project_id, sorted({*held, *besides}), concerns)

    async def refresh_project(self, project_id: str) -> int:
        """Finds the names of all documents anew; gives their number."""
        ids, after = list[str](), None
        while True:
            page = await self._ports.documents.list(project_id, after=after, limit=_PAGE)
            ids += [head.id for head in page.items]
            if (after := page.next) is None:
                return await self._read_again(project_id, ids)

    async def _read_again(
        self, project_id: str, ids: Sequence[str], concerns: Callable[[Document], Awaitable[bool]] | None = None
    ) -> int:
        """Reads these documents for names, a few at a time: what is written at once shares a transaction.

        Where only the bible has changed for them, as far as `concerns` tells, what is stored of them is made use of.
        """

        async def read(document_id: str, lexicon: Lexicon) -> Reading | None:
            document = await self._find(project_id, document_id)
            if document is None or not (concerns is None or await concerns(document)):
                return None
            stored = () if concerns is None else await self._mentions(project_id, document_id=document_id)
            return await self._refresh(document, lexicon, stored=stored)

        total = 0
        for start in range(0, len(ids), _AT_ONCE):
            lexicon = await self._lexicons.get(self._ports.entities, project_id)
            batch = ids[start : start + _AT_ONCE]
            done = await asyncio.gather(*(read(each, lexicon) for each in batch), return_exceptions=True)
            readings: list[Reading] = []
            for each in done:
                if isinstance(each, BaseException):  # all have ended before one's error is told
                    raise each
                readings += [each] if each is not None else []
            total += await self.confirm(readings)
        return total

    async def _mentions(self, project_id: str, **where: str) -> list[Mention]:
        found, after = list[Mention](), None
        while True:
            page = await self._ports.mentions.list(project_id, where=where, after=after)
            found += page.items
            if (after := page.next) is None:
                return found

    async def _find(self, project_id: str, document_id: str) -> Document | None:
        try:
            return await self._ports.documents.get(project_id, document_id)
        except NotFound:
            return None


async def _still_holds(reading: Reading, lexicon: Lexicon) -> bool:
    if lexicon is not reading.lexicon:
        return False
    return lexicon.version == reading.version or await off_loop(
        lexicon.is_unchanged, reading.words, since=reading.version
    )


def _read(text: str, lexicon: Lexicon, *, known_only: bool) -> list[FoundName]:
    return find_names(text, lexicon.bible_for(frozenset(written_words(text))), known_only=known_only)


def _read_document(
    document: Document, lexicon: Lexicon, stored: Sequence[Mention]
) -> tuple[int, frozenset[str], Sequence[Mention]]:
    """The version of the bible that was used, the words of the text, and its mentions; the stored ones if they stay."""
    version, words = lexicon.version, frozenset(written_words(document.text))
    bible = lexicon.bible_for(words)
    kept = {mention.start: mention for mention in stored if mention.document_rev == document.rev}
    if not stored or len(kept) < len(stored):
        return version, words, [_mention(document, name) for name in find_names(document.text, bible)]
    known = find_names(document.text, bible, known_only=True)
    spans = [(name.start, name.end) for name in known]
    if not all(_lies_in(mention, spans) for mention in stored if mention.group is None):
        # Where a known name is none any more, an unknown one may come to light.
        return version, words, [_mention(document, name) for name in find_names(document.text, bible)]
    unknown = [mention for mention in stored if mention.group is not None and not _overlaps(mention, spans)]
    mentions = [*unknown, *(_same_or_new(document, name, kept.get(name.start)) for name in known)]
    return version, words, sorted(mentions, key=lambda mention: mention.start)


def _lies_in(mention: Mention, spans: Sequence[tuple[int, int]]) -> bool:
    index = bisect_left(spans, (mention.start + 1, 0))
    return index > 0 and spans[index - 1][1] >= mention.end


def _same_or_new(document: Document, name: FoundName, stored: Mention | None) -> Mention:
    if stored is not None and (stored.end, stored.entity_id, stored.kind, stored.group) == (
        name.end,
        name.entity_id,
        name.kind,
        name.group,
    ):
        return stored
    return _mention(document, name)


class _Sought:
    """Entries that are looked for in texts."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.phrases = frozenset(phrase for entry in entries for phrase in phrases_of(entry))
        # What a name excludes may be what changes: its phrases forbid nothing here.
        self._bible = merge(Spelled(spell(entry).claims) for entry in entries)

    def stands_in(self, text: str) -> bool:
        """Whether a name stands there at all, whatever its surroundings make of it in the company of other names."""
        return bool(find_hits(flatten(text).text, self._bible))


def _changed_entries(changes: Sequence[tuple[Entity | None, Entity | None]]) -> list[Entry]:
    """The entities as they were and as they are, but for those that linking sees no difference in."""
    found: list[Entry] = []
    for pair in changes:
        versions: list[Entry] = []
        for entity in pair:
            with suppress(InvalidInput):  # one that was stored by other means than ours is not linked
                versions += [linking_entry(entity)] if entity is not None else []
        if len(set(versions)) == len(versions):
            found += versions
    return found


def _mention(document: Document, name: FoundName) -> Mention:
    # A chapter has hundreds; they are made of what is checked already.
    return Mention.model_construct(
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
        provenance=_OURS,  # else pydantic copies the default, field by field
    )
