"""The graph of relationships, for the page to draw and the model to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, JsonValue

from saga_agent.domain.entity import Entity, EntityType, Relationship
from saga_agent.domain.record import JsonObject
from saga_agent.domain.time import When
from saga_agent.story.axes import covers
from saga_agent.story.tie_graph import Ring, around, kept, neighbours_of, ring_layout, way_between
from saga_agent.story.visibility import is_visible
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import ToolResult
from saga_agent.tools.story.references import entities_of, entity_of

_DEEPEST = 3


def register(registry: ToolRegistry) -> None:
    """Adds the tools of this module."""
    registry.tool(effect="ui", category="page", idempotent=True)(show_graph)


async def show_graph(
    ctx: ToolContext,
    center: tuple[str, ...] = (),
    depth: int = 1,
    types: tuple[EntityType, ...] = (),
    relation_types: tuple[str, ...] = (),
    as_of: When | None = None,
    path: tuple[str, str] | None = None,
    max_nodes: Annotated[int, Field(ge=1, le=500)] = 150,
) -> ToolResult:
    """Show who is tied to whom, around somebody, between two, or in the whole story.

    Args:
        center: Ids, names or aliases of those in the middle; left out, everybody.
        depth: How many ties away, from 1 to 3.
        types: Types of entities to show; left out, all.
        relation_types: Types of ties to show; left out, all.
        as_of: The scene or day at which the ties hold.
        path: Two entities, to show the shortest way between them instead.
        max_nodes: How many at the most.
    """
    hops_wanted = min(max(depth, 1), _DEEPEST)
    warnings = () if hops_wanted == depth else (f"depth: {depth} was taken as {hops_wanted}.",)
    middle = await entities_of(ctx, center)
    ends = [await entity_of(ctx, each) for each in path] if path else []
    shown = {
        entity.id: entity
        async for entity in ctx.story.entities.all(ctx.project_id)
        if is_visible(entity) and (not types or entity.type in types or entity in (*middle, *ends))
    }
    ties = await _ties(ctx, shown, relation_types, as_of)
    neighbours = neighbours_of(ties)
    if ends:
        way = way_between(ends[0].id, ends[1].id, neighbours)
        ring = Ring({each: hop for hop, each in enumerate(way)}, 0)
        warnings += () if way else (f"No way of ties leads from {ends[0].name!r} to {ends[1].name!r}.",)
    elif middle:
        ring = around([entity.id for entity in middle], neighbours, depth=hops_wanted, most=max_nodes)
    else:
        ring = kept(dict.fromkeys(shown, 0), neighbours, most=max_nodes)
    data = _drawn(ring, shown, ties)
    ui: tuple[JsonObject, ...] = ({"event": "show_graph", "nodes": list(ring.hops)},) if ring.hops else ()
    return ToolResult(data=data, ui=ui, warnings=warnings)


async def _ties(
    ctx: ToolContext, shown: Mapping[str, Entity], relation_types: tuple[str, ...], as_of: When | None
) -> list[Relationship]:
    """The ties between those shown that hold then, by id."""
    moment = await ctx.story.moments.resolve(ctx.project_id, as_of)
    known = [ctx.story.relationships.types.find(name) for name in relation_types]
    wanted = {name for name, found in zip(relation_types, known, strict=True) if found is None}
    wanted |= {found[0].name for found in known if found is not None}
    return [
        tie
        async for tie in ctx.story.relationships.all(ctx.project_id)
        if tie.source_id in shown
        and tie.target_id in shown
        and (not relation_types or tie.type in wanted)
        and covers(tie.valid, moment.as_of.story_time)
    ]


def _drawn(ring: Ring, shown: Mapping[str, Entity], ties: list[Relationship]) -> JsonObject:
    nodes: list[JsonValue] = [
        {"id": each, "name": shown[each].name, "type": shown[each].type, "hops": hops}
        for each, hops in ring.hops.items()
    ]
    edges: list[JsonValue] = [
        {
            "id": tie.id,
            "source": tie.source_id,
            "target": tie.target_id,
            "type": tie.type,
            "directed": tie.directed,
            "sign": tie.sign,
            "strength": tie.strength,
        }
        for tie in ties
        if tie.source_id in ring.hops and tie.target_id in ring.hops
    ]
    layout: dict[str, JsonValue] = {each: list(place) for each, place in ring_layout(ring).items()}
    return {"nodes": nodes, "edges": edges, "layout": layout, "dropped": ring.dropped}
