"""Contents: what of a project's bible goes into an export, and the files it was once imported from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import JsonValue

from saga_agent.domain.entity import Entity, Fact, Relationship
from saga_agent.domain.notes import Capture
from saga_agent.domain.record import Record
from saga_agent.errors import NotFound, UnreadableFile
from saga_agent.storage.ports.journal import Blobs
from saga_agent.story.captures import CaptureService
from saga_agent.story.documents import EntityService
from saga_agent.story.exchange.bible_file import BibleFile, parse_bible
from saga_agent.story.exchange.draft import BibleFormat
from saga_agent.story.exchange.sources import IMPORTED_TAG, key_in
from saga_agent.story.facts import FactService
from saga_agent.story.relationships import RelationshipService

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Contents:
    """A project's bible, read once."""

    entities: tuple[Entity, ...]
    ties: tuple[Relationship, ...]
    facts: tuple[Fact, ...]
    notes: tuple[Capture, ...]
    sources: tuple[BibleFile, ...] = ()
    """The files of the wanted format that were imported into the project, as they were then."""
    lost: list[str] = field(default_factory=list[str])
    """Grows while the export is built: what has no place in it, one sentence each."""

    def by_key(self, records: Iterable[R], source: BibleFile) -> dict[str, R]:
        """Those of the records that came from that file, by their place in it."""
        found = ((key_in(record, source.name), record) for record in records)
        return {key: record for key, record in found if key is not None}


class ContentsReader:
    """Reads the bibles of one owner's projects."""

    def __init__(
        self,
        entities: EntityService,
        relationships: RelationshipService,
        facts: FactService,
        captures: CaptureService,
        blobs: Blobs,
    ) -> None:
        self._entities, self._relationships, self._facts = entities, relationships, facts
        self._captures, self._blobs = captures, blobs

    async def read(self, project_id: str, is_format: BibleFormat) -> Contents:
        """The project's bible, and what was imported into it in that format; `NotFound` for the project."""
        captures = [capture async for capture in self._captures.all(project_id)]
        sources = [await self._source(capture, is_format) for capture in captures]
        return Contents(
            entities=tuple([entity async for entity in self._entities.all(project_id)]),
            ties=tuple([tie async for tie in self._relationships.all(project_id)]),
            facts=tuple([fact async for fact in self._facts.all(project_id)]),
            notes=tuple(capture for capture in captures if capture.kind == "note"),
            sources=tuple(source for source in sources if source is not None),
        )

    async def _source(self, capture: Capture, is_format: BibleFormat) -> BibleFile | None:
        if capture.tags[:2] != (IMPORTED_TAG, is_format) or capture.sha256 is None:
            return None
        try:
            kept = await self._blobs.get(capture.project_id, capture.sha256)
            return await asyncio.to_thread(parse_bible, kept.data, name=capture.title, is_format=is_format)
        except (NotFound, UnreadableFile):
            return None


def field_lines(entity: Entity, *, aside: Iterable[str] = ()) -> list[str]:
    """The fields of an entity as lines for people, `fear: deep water`; those hidden from models left out."""
    left_out = {*entity.hidden_fields, *aside}
    spoken = {key: _spoken(value) for key, value in entity.fields.items() if key not in left_out}
    return [f"{key.replace('_', ' ')}: {text}" for key, text in spoken.items() if text]


def told_fields(entities: Iterable[Entity], changed: Callable[[Entity], bool], where: str) -> list[str]:
    """A sentence that names the entities of which something has no place in the export."""
    names = [entity.name for entity in entities if changed(entity)]
    more = ", ..." if len(names) > 5 else ""
    return (
        [f"{where} of {len(names)} entities have no place in the file: {', '.join(names[:5])}{more}."] if names else []
    )


def _spoken(value: JsonValue) -> str:
    if isinstance(value, list):
        return ", ".join(text for item in value if (text := _spoken(item)))
    if isinstance(value, dict):
        return "; ".join(f"{key} {text}" for key, item in value.items() if (text := _spoken(item)))
    return "" if value is None else str(value)
