"""Who might belong together, and why."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from saga_agent.analyses.connections import KINDS, suggest
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import ToolResult
from saga_agent.tools.story.canon import LoadedCanon, load_canon

_CODE = "connection.suggested"


def register(registry: ToolRegistry) -> None:
    """Adds the tools of this module."""
    registry.tool(effect="read", category="bible", idempotent=True)(suggest_connections)


async def suggest_connections(
    ctx: ToolContext,
    entity: str | None = None,
    n: Annotated[int, Field(ge=1, le=100)] = 10,
    kinds: tuple[Literal["relations", "scenes", "goals"], ...] = (),
) -> ToolResult:
    """Suggest pairs of entities that might be related and are not: shared relations, shared scenes, goals that cross.

    Args:
        entity: Only pairs with this entity: its id, name or alias.
        n: How many pairs at the most.
        kinds: Only these kinds of reasons.
    """
    wanted = (await ctx.story.entities.resolve(ctx.project_id, entity)).id if entity is not None else None
    loaded = await load_canon(ctx)
    people = [each for each in loaded.canon.entities if each.id not in loaded.hidden and each.type != "calendar"]
    scenes = await _scenes(ctx, loaded)
    found = await asyncio.to_thread(
        suggest, people, loaded.canon.relationships, scenes, kinds=frozenset(kinds or KINDS)
    )
    waived = {waiver.target async for waiver in ctx.story.waivers.all(ctx.project_id, code=_CODE)}
    fitting = [each for each in found if (wanted is None or wanted in (each.a, each.b)) and each.id not in waived]
    name = loaded.canon.name
    suggestions: list[JsonValue] = [
        {
            "id": each.id,
            "a": {"id": each.a, "name": name(each.a)},
            "b": {"id": each.b, "name": name(each.b)},
            "type": None,
            "score": round(each.score, 3),
            "reasons": [
                {"kind": reason.kind, "score": round(reason.score, 3), "data": reason.data} for reason in each.reasons
            ],
        }
        for each in fitting[:n]
    ]
    return ToolResult(
        data={"suggestions": suggestions, "of": len(fitting)}, truncated=len(fitting) > n, warnings=loaded.warnings
    )


async def _scenes(ctx: ToolContext, loaded: LoadedCanon) -> dict[str, set[str]]:
    """Who is in each document, by the stored mentions, and in each event of the bible."""
    scenes: defaultdict[str, set[str]] = defaultdict(set)
    for appearance in await ctx.story.mentions.count(ctx.project_id):
        if appearance.entity_id is not None:
            scenes[appearance.document_id].add(appearance.entity_id)
    for event in loaded.canon.events:
        if len(event.participant_ids) > 1:
            scenes[event.id].update(event.participant_ids)
    return dict(scenes)
