"""What a call means by a name: resolved on the server, and never to what is hidden from models."""

from __future__ import annotations

from collections.abc import Iterable

from saga_agent.domain.document import Document
from saga_agent.domain.entity import Entity
from saga_agent.errors import AmbiguousReference, NotFound
from saga_agent.story.visibility import is_visible
from saga_agent.tools.context import ToolContext


async def entity_of(ctx: ToolContext, reference: str) -> Entity:
    """The entity with that id, name or alias; `NotFound` also for one that models may not see."""
    try:
        entity = await ctx.story.entities.resolve(ctx.project_id, reference)
    except AmbiguousReference:
        return await _only_visible(ctx, reference)
    if not is_visible(entity):
        raise NotFound("entity", reference)
    return entity


async def _only_visible(ctx: ToolContext, reference: str) -> Entity:
    """The one of several of that name that models may see; `AmbiguousReference` with those they may, if several."""
    wanted = reference.strip().casefold()
    found = [
        entity
        async for entity in ctx.story.entities.all(ctx.project_id)
        if is_visible(entity) and wanted in (name.casefold() for name in _names(entity))
    ]
    if len(found) > 1:
        raise AmbiguousReference("entity", reference, sorted(f"{entity.name} ({entity.type})" for entity in found))
    if not found:
        raise NotFound("entity", reference)
    return found[0]


def _names(entity: Entity) -> list[str]:
    return [entity.name, *(alias.text for alias in entity.aliases)]


async def entities_of(ctx: ToolContext, references: Iterable[str]) -> list[Entity]:
    """The entities, each once, in the order they are named."""
    found = [await entity_of(ctx, reference) for reference in references]
    return list({entity.id: entity for entity in found}.values())


async def document_of(ctx: ToolContext, reference: str) -> Document:
    """The document with that id, number or title, with its text."""
    head = await ctx.story.documents.resolve(ctx.project_id, reference)
    return await ctx.story.documents.get(ctx.project_id, head.id)
