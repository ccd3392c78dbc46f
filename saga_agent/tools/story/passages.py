"""The passage that a check looks at: a text as it is given, a document, a stretch of one, or a scene."""

from __future__ import annotations

from dataclasses import dataclass

from saga_agent.analyses.cast import Named, gender_of
from saga_agent.analyses.prose import Prose
from saga_agent.domain.document import Document
from saga_agent.domain.entity import Entity
from saga_agent.domain.notes import Mention
from saga_agent.domain.record import JsonObject
from saga_agent.domain.time import Scene
from saga_agent.errors import NotFound
from saga_agent.tools.context import ToolContext
from saga_agent.tools.result import ToolFailure

MAX_TEXT = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A passage, and the document and scene it is from."""

    prose: Prose
    document: Document | None = None
    scene: Scene | None = None

    def described(self) -> JsonObject:
        """What was looked at, for the result's data."""
        if self.document is None:
            return {}
        place: JsonObject = {"id": self.document.id, "title": self.document.label, "rev": self.document.rev}
        return {"document": place}


async def look(
    ctx: ToolContext, *, text: str | None, document: str | None, start: int, end: int | None, scene: str | None = None
) -> Looked:
    """The passage that the arguments mean.

    Raises: `ToolFailure` for both a text and a document or neither, a stretch outside the text, or too much text.
    """
    if sum(each is not None for each in (text, document, scene)) != 1:
        raise ToolFailure("invalid_argument", "Give one of text, document and scene.")
    found, place = (None, None) if text is not None else await _document(ctx, document or "", scene)
    whole = found.text if found else text or ""
    if place is not None:
        start, end = place.start, place.end
    last = len(whole) if end is None else end
    if not 0 <= start <= last <= len(whole):
        raise ToolFailure("invalid_argument", f"{start}-{last} lies outside the text of {len(whole)} characters.")
    if last - start > MAX_TEXT:
        raise ToolFailure("too_large", f"The text has more than {MAX_TEXT:,} characters; give a part of it.")
    prose = Prose(whole[start:last], found.id if found else "", found.rev if found else 0, start)
    return Looked(prose=prose, document=found, scene=place)


async def names_in(ctx: ToolContext, looked: Looked, entities: dict[str, Entity]) -> list[Named]:
    """Who and what is named in the passage: as stored for a document, found anew for a bare text."""
    prose = looked.prose
    if looked.document is not None:
        mentions = await mentions_of(ctx, looked.document.id)
        if mentions and mentions[0].document_rev == looked.document.rev:
            return [
                _named(
                    entities,
                    each.start - prose.offset,
                    each.end - prose.offset,
                    each.surface,
                    each.entity_id,
                    each.kind,
                    each.group,
                )
                for each in mentions
                if prose.offset <= each.start and each.end <= prose.offset + len(prose.text)
            ]
    return [
        _named(entities, each.start, each.end, each.surface, each.entity_id, each.kind, each.group)
        for each in await ctx.story.mentions.find(ctx.project_id, prose.text)
        if not each.candidates
    ]


async def mentions_of(ctx: ToolContext, document_id: str) -> list[Mention]:
    """The stored mentions of a document, in the order of its text."""
    mentions: list[Mention] = []
    after: str | None = None
    while True:
        page = await ctx.story.mentions.list(ctx.project_id, after=after, document_id=document_id)
        mentions += page.items
        if page.next is None:
            return mentions
        after = page.next


def _named(
    entities: dict[str, Entity],
    start: int,
    end: int,
    surface: str,
    entity_id: str | None,
    kind: str | None,
    group: str | None,
) -> Named:
    entity = entities.get(entity_id or "")
    pronouns = entity.fields.get("pronouns") if entity else None
    name = entity.name if entity else surface
    return Named(
        start,
        end,
        entity_id or group or surface,
        surface,
        entity_id=entity_id,
        gender=gender_of(name, pronouns if isinstance(pronouns, str) else ""),
        is_person=entity.type == "character" if entity else kind in ("character", None),
    )


async def _document(ctx: ToolContext, document: str, scene: str | None) -> tuple[Document, Scene | None]:
    if scene is None:
        head = await ctx.story.documents.resolve(ctx.project_id, document)
        return await ctx.story.documents.get(ctx.project_id, head.id), None
    try:
        head = await ctx.story.documents.resolve(ctx.project_id, scene)
        return await ctx.story.documents.get(ctx.project_id, head.id), None
    except NotFound:
        async for each in ctx.story.documents.all(ctx.project_id):
            found = await ctx.story.documents.get(ctx.project_id, each.id)
            for place in found.scenes:
                if place.id == scene:
                    return found, place
        raise
