"""Templates of entries: the fields of a type, and those the writer keeps using."""

from __future__ import annotations

from typing import Annotated, cast

from pydantic import Field, JsonValue

from saga_agent.analyses.templates import build_template
from saga_agent.story.visibility import is_visible, visible_entity
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import ToolResult


def register(registry: ToolRegistry) -> None:
    """Adds the tools of this module."""
    registry.tool(effect="read", category="bible", idempotent=True)(generate_template)


async def generate_template(
    ctx: ToolContext,
    entity_type: Annotated[str, Field(min_length=1, max_length=60)],
    from_entities: tuple[str, ...] = (),
    max_fields: Annotated[int, Field(ge=1, le=100)] = 20,
) -> ToolResult:
    """Lay out the fields an entry of a type should have, with a question to ask for each.

    Args:
        entity_type: character, location, faction, item, magic_system, event, culture, concept, thread or calendar.
        from_entities: Learn further fields from these entries alone: ids, names or aliases.
        max_fields: How many fields at the most.
    """
    kind = "_".join(entity_type.strip().lower().replace("_", " ").split())
    every = [visible_entity(each) async for each in ctx.story.entities.all(ctx.project_id) if is_visible(each)]
    chosen = {(await ctx.story.entities.resolve(ctx.project_id, each)).id for each in from_entities}
    learned = [each for each in every if (each.id in chosen if chosen else each.type == kind)]
    names = frozenset(
        name.casefold() for each in every for name in (each.id, each.name, *(alias.text for alias in each.aliases))
    )
    template = build_template(kind, entities=learned, names=names, max_fields=max_fields)
    return ToolResult(
        data={
            "json_schema": template.json_schema,
            "prompts": cast(dict[str, JsonValue], template.prompts),
            "groups": [{"name": name, "fields": [*fields]} for name, fields in template.groups.items()],
            "learned_from": len(learned),
        },
        warnings=template.warnings,
    )
