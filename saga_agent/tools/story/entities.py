"""Changing the story bible: new entities, with look-alikes found before they are doubled."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import Field
from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from saga_agent.domain.entity import Alias, Entity, EntityType
from saga_agent.domain.record import JsonObject
from saga_agent.story.visibility import is_visible
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import Preview, ToolRegistry
from saga_agent.tools.result import ToolFailure, ToolResult

_JARO_WINKLER_NEAR = 0.93
"""From this score on two names are taken for one another (specs: Marta/Martha .967, Elena/Elaine .791)."""


def register(registry: ToolRegistry) -> None:
    """Adds the tools of this module."""
    registry.tool(effect="write", category="bible", idempotent=True, preview=_preview)(create_entity)


async def create_entity(
    ctx: ToolContext,
    type: EntityType,
    name: Annotated[str, Field(min_length=1, max_length=200)],
    summary: str = "",
    aliases: tuple[str, ...] = (),
    fields: JsonObject | None = None,
    force: bool = False,
) -> ToolResult:
    """Add somebody or something to the story bible.

    Args:
        type: What it is.
        name: The name the text uses.
        summary: One or two sentences from the text.
        aliases: Other names it goes by in the text.
        fields: Fields of its type, such as want, fear or voice of a character.
        force: Create it although a look-alike exists.
    """
    if not name.strip():
        raise ToolFailure("invalid_argument", "name: must not be blank.")
    near, owners = await _look_alikes(ctx, type, name, aliases)
    if near and not force:
        raise ToolFailure(
            "needs_approval",
            f"{name!r} looks like {', '.join(repr(each.name) for each in near)}.",
            hint="Ask the writer whether they are the same; call again with force=true if not.",
            candidates=tuple(each.id for each in near),
        )
    entity = await ctx.recording.entities.create(
        ctx.project_id,
        id=ctx.derived_id("ent"),
        type=type,
        name=name.strip(),
        summary=summary,
        aliases=[Alias(text=alias) for alias in aliases if alias.strip()],
        fields=fields or {},
    )
    mentions = await ctx.story.mentions.list(ctx.project_id, entity_id=entity.id, limit=1000)
    return ToolResult(
        data={
            "entity": {"id": entity.id, "type": entity.type, "name": entity.name, "rev": entity.rev},
            "mentions": len(mentions.items),
        },
        warnings=tuple(f"{owner.name!r} goes by one of these names too; it is ambiguous now." for owner in owners),
    )


async def _look_alikes(
    ctx: ToolContext, type: EntityType, name: str, aliases: tuple[str, ...]
) -> tuple[list[Entity], list[Entity]]:
    """Entities of the type with a near name, and entities that own one of the aliases."""
    wanted = _folded(name)
    near: list[Entity] = []
    owners: list[Entity] = []
    folded_aliases = {_folded(alias) for alias in aliases}
    async for entity in ctx.story.entities.all(ctx.project_id):
        if entity.id == ctx.derived_id("ent") or not is_visible(entity):
            continue
        if entity.type == type and _is_near(wanted, _folded(entity.name)):
            near.append(entity)
        elif folded_aliases & {_folded(entity.name), *(_folded(alias.text) for alias in entity.aliases)}:
            owners.append(entity)
    return near, owners


def _is_near(one: str, other: str) -> bool:
    return DamerauLevenshtein.distance(one, other, score_cutoff=1) <= 1 or (
        JaroWinkler.similarity(one, other) >= _JARO_WINKLER_NEAR
    )


def _folded(name: str) -> str:
    """Without accents and case, so that Eowyn and Éowyn are one."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).strip()


async def _preview(
    ctx: ToolContext,
    type: EntityType,
    name: str,
    summary: str,
    aliases: tuple[str, ...],
    fields: JsonObject | None,
    force: bool,
) -> Preview:
    lines = [summary] if summary else []
    if aliases:
        lines.append(f"also called: {', '.join(aliases)}")
    lines += [f"{key}: {value}" for key, value in (fields or {}).items()]
    if force:
        lines.append("although a look-alike exists")
    return {"title": f"Add {type.replace('_', ' ')} {name!r} to the story bible", "lines": list(lines)}
