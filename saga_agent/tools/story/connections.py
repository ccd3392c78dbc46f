"""Who might belong together, and why."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import ToolResult


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
    found = await ctx.story.checks.connections(ctx.project_id, entity_id=wanted, kinds=kinds, for_ai=True)
    name = found.loaded.canon.name
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
        for each in found.suggestions[:n]
    ]
    return ToolResult(
        data={"suggestions": suggestions, "of": len(found.suggestions)},
        truncated=len(found.suggestions) > n,
        warnings=found.loaded.warnings,
    )
