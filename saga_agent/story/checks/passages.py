"""The passage that a check looks at: a text as it is given, a document, a stretch of one, or a scene."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from saga_agent.analyses.cast import Named, gender_of
from saga_agent.analyses.consistency.facts import StoryPosition
from saga_agent.analyses.consistency.passage import PlacedPassage
from saga_agent.analyses.consistency.spans import moment_span
from saga_agent.analyses.prose import Prose
from saga_agent.domain.document import Document
from saga_agent.domain.entity import Entity
from saga_agent.domain.notes import Mention
from saga_agent.domain.time import Scene, StoryInterval, When
from saga_agent.errors import InvalidInput, NotFound
from saga_agent.story.checks.sources import Sources
from saga_agent.story.documents import DocumentService
from saga_agent.story.names import FoundName

MAX_TEXT = 2_000_000


class TextTooLong(InvalidInput):
    """More text than one check takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageRequest:
    """What the caller asks to look at: one of text, document and scene; offsets are those of the text."""

    text: str | None = None
    document: str | None = None
    """Id, number or title."""
    scene: str | None = None
    """The id of a scene, which has offsets of its own."""
    start: int = 0
    end: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPassage:
    """A passage, and the document and scene it is from."""

    prose: Prose
    document: Document | None = None
    scene: Scene | None = None

    @property
    def moment(self) -> StoryPosition:
        """Where in the story it stands, as its scene or document tells."""
        if self.document is None:
            return StoryPosition()
        story = (self.scene.story if self.scene else None) or self.document.story
        return StoryPosition(moment_span(story), self.document.reading_order)

    async def moment_at(self, sources: Sources, project_id: str, as_of: When | None) -> StoryPosition:
        """The same, or the point that the caller names instead."""
        if as_of is None:
            return self.moment
        found = await sources.moments.resolve(project_id, as_of)
        when = moment_span(StoryInterval(start=found.start, end=found.start)) if found.start else None
        return StoryPosition(when, found.reading_order)


async def load_passage(sources: Sources, project_id: str, asked: PassageRequest) -> LoadedPassage:
    """The passage that is meant.

    Raises: `InvalidInput` for not just one of text, document and scene, or a stretch outside the text; `TextTooLong`.
    """
    text = asked.text
    if sum(each is not None for each in (text, asked.document, asked.scene)) != 1:
        raise InvalidInput("Give one of text, document and scene.")
    found, scene = (None, None) if text is not None else await _document(sources, project_id, asked)
    whole = found.text if found else text or ""
    start, end = (scene.start, scene.end) if scene else (asked.start, asked.end)
    last = len(whole) if end is None else end
    if not 0 <= start <= last <= len(whole):
        raise InvalidInput(f"{start}-{last} lies outside the text of {len(whole)} characters.")
    if last - start > MAX_TEXT:
        raise TextTooLong(f"The text has more than {MAX_TEXT:,} characters; give a part of it.")
    prose = Prose(whole[start:last], found.id if found else "", found.rev if found else 0, start)
    return LoadedPassage(prose=prose, document=found, scene=scene)


async def build_passage(
    sources: Sources, project_id: str, loaded: LoadedPassage, entities: Mapping[str, Entity], moment: StoryPosition
) -> PlacedPassage:
    """The passage as the checks take it."""
    document, scene = loaded.document, loaded.scene
    mentions = await _mentions_of(sources, project_id, document.id) if document else []
    pov = (scene.pov_id if scene else None) or (document.pov_id if document else None)
    place = (scene.place_id if scene else None) or (document.place_id if document else None)
    return PlacedPassage(
        prose=loaded.prose,
        names=await names_in(sources, project_id, loaded, entities, mentions=mentions),
        moment=moment,
        pov_id=pov,
        place_id=place,
        time_mode=scene.time_mode if scene else document.time_mode if document else "linear",
        absent=frozenset((each.entity_id or "", each.start) for each in mentions if not each.present),
    )


async def names_in(
    sources: Sources,
    project_id: str,
    loaded: LoadedPassage,
    entities: Mapping[str, Entity],
    *,
    mentions: list[Mention] | None = None,
) -> list[Named]:
    """Who and what is named in the passage: as stored for a document, found anew for a bare text.

    `mentions` are those of the document, where the caller has read them already.
    """
    prose = loaded.prose
    if loaded.document is not None:
        stored = await _mentions_of(sources, project_id, loaded.document.id) if mentions is None else mentions
        if stored and stored[0].document_rev == loaded.document.rev:
            return [
                _named(entities, each, at=each.start - prose.offset)
                for each in stored
                if prose.offset <= each.start and each.end <= prose.offset + len(prose.text)
            ]
    found = await sources.mentions.find(project_id, prose.text)
    return [_named(entities, each, at=each.start) for each in found if not each.candidates]


def _named(entities: Mapping[str, Entity], found: Mention | FoundName, *, at: int) -> Named:
    entity = entities.get(found.entity_id or "")
    pronouns = entity.fields.get("pronouns") if entity else None
    return Named(
        at,
        at + found.end - found.start,
        found.entity_id or found.group or found.surface,
        found.surface,
        entity_id=found.entity_id,
        gender=gender_of(entity.name if entity else found.surface, pronouns if isinstance(pronouns, str) else ""),
        is_person=entity.type == "character" if entity else found.kind in ("character", None),
    )


async def _mentions_of(sources: Sources, project_id: str, document_id: str) -> list[Mention]:
    """The stored mentions of a document, in the order of its text."""
    mentions: list[Mention] = []
    after: str | None = None
    while True:
        page = await sources.mentions.list(project_id, after=after, document_id=document_id)
        mentions += page.items
        if page.next is None:
            return mentions
        after = page.next


async def _document(sources: Sources, project_id: str, asked: PassageRequest) -> tuple[Document, Scene | None]:
    """The document that is meant, with the scene in it; a document that is a scene may be named as one."""
    documents = sources.documents
    try:
        head = await documents.resolve(project_id, asked.document or asked.scene or "")
        return await documents.get(project_id, head.id), None
    except NotFound:
        if asked.scene is not None and (found := await _scene(documents, project_id, asked.scene)):
            return found
        raise


async def _scene(documents: DocumentService, project_id: str, scene_id: str) -> tuple[Document, Scene] | None:
    async for each in documents.all(project_id):
        found = await documents.get(project_id, each.id)
        for place in found.scenes:
            if place.id == scene_id:
                return found, place
    return None
