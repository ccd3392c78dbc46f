"""What the page shows: the server finds what is meant, the page opens it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from saga_agent.domain.notes import Mention
from saga_agent.domain.record import JsonObject
from saga_agent.errors import NotFound
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import ToolFailure, ToolResult
from saga_agent.tools.story.references import entity_of

Panel = Literal["entity", "document", "timeline", "map", "graph", "outline", "issues", "workspace"]
_TABS: dict[Panel, tuple[str, ...]] = {
    "entity": ("profile", "facts", "relations", "mentions", "history"),
    "document": ("text", "scenes", "proposals", "history"),
    "timeline": ("story", "reading"),
    "map": (),
    "graph": (),
    "outline": ("chapters", "threads", "beats"),
    "issues": ("open", "waived"),
    "workspace": ("character", "relations", "world", "plot"),
}
_PAGE = 1000
_ENTITY_PANELS = ("entity", "timeline", "map", "graph")
"""The panels whose target is an entity; those of the others are documents, and `issues` takes either."""


def register(registry: ToolRegistry) -> None:
    """Adds the tools of this module."""
    registry.tool(effect="ui", category="page", client=True)(open_panel)
    registry.tool(effect="ui", category="page", client=True)(focus_entity)


async def open_panel(ctx: ToolContext, panel: Panel, target: str | None = None, tab: str | None = None) -> ToolResult:
    """Open a panel of the writer's page, on something where it makes sense.

    Args:
        panel: Which.
        target: Id, name or alias of an entity, or id, number or title of a document.
        tab: A tab of the panel, e.g. "facts" of an entity or "scenes" of a document.
    """
    if tab is not None and tab not in _TABS[panel]:
        valid = ", ".join(_TABS[panel]) or "none"
        raise ToolFailure("invalid_argument", f"tab: {panel} has no tab {tab!r}; its tabs are: {valid}.")
    if target is None and panel in ("entity", "document"):
        raise ToolFailure("invalid_argument", f"target: say which {panel}.")
    data: JsonObject = {"opened": panel, "tab": tab, "target": None}
    if target is not None:
        data["target"] = await _target(ctx, panel, target)
    return ToolResult(data=data)


async def focus_entity(
    ctx: ToolContext, entity: str, document: str | None = None, occurrence: Annotated[int, Field(ge=1)] = 1
) -> ToolResult:
    """Show the writer where somebody or something is named in the manuscript.

    Args:
        entity: Its id, name or alias.
        document: Id, number or title of the document to look in; left out, the whole manuscript in reading order.
        occurrence: Which of the places, from 1.
    """
    found = await entity_of(ctx, entity)
    head = await ctx.story.documents.resolve(ctx.project_id, document) if document is not None else None
    mentions = await _mentions(ctx, found.id, head.id if head else None)
    data: JsonObject = {"entity_id": found.id, "name": found.name, "mention": None, "occurrences": len(mentions)}
    if occurrence > len(mentions):
        note = f"{found.name!r} is named {len(mentions)} times there; there is no occurrence {occurrence}."
        return ToolResult(data={**data, "note": note}, warnings=(note,))
    mention = mentions[occurrence - 1]
    data["mention"] = mention.model_dump(
        mode="json", include={"document_id", "document_rev", "start", "end", "surface"}
    )
    return ToolResult(data=data)


async def _target(ctx: ToolContext, panel: Panel, reference: str) -> JsonValue:
    if panel in _ENTITY_PANELS:
        return await _entity_target(ctx, reference)
    try:
        head = await ctx.story.documents.resolve(ctx.project_id, reference)
    except NotFound:
        if panel == "document":
            raise
        return await _entity_target(ctx, reference)
    return {"kind": "document", "id": head.id, "name": head.label}


async def _entity_target(ctx: ToolContext, reference: str) -> JsonValue:
    entity = await entity_of(ctx, reference)
    return {"kind": "entity", "id": entity.id, "name": entity.name}


async def _mentions(ctx: ToolContext, entity_id: str, document_id: str | None) -> list[Mention]:
    """The places where the entity is named, in reading order."""
    where = {"entity_id": entity_id} | ({"document_id": document_id} if document_id else {})
    found: list[Mention] = []
    page = await ctx.story.mentions.list(ctx.project_id, after=None, limit=_PAGE, **where)
    found += page.items
    while page.next is not None:
        page = await ctx.story.mentions.list(ctx.project_id, after=page.next, limit=_PAGE, **where)
        found += page.items
    heads = [head.id async for head in ctx.story.documents.all(ctx.project_id)]
    order = {document_id: number for number, document_id in enumerate(heads)}
    return sorted(found, key=lambda mention: (order.get(mention.document_id, len(order)), mention.start))
