"""New names in the sound of the story's own."""

from __future__ import annotations

import asyncio
import zlib
from typing import Annotated

from pydantic import Field, JsonValue

from saga_agent.analyses.cast import gender_of
from saga_agent.analyses.naming.generator import NameRequest, generate_names
from saga_agent.analyses.naming.grammar import NameKind
from saga_agent.domain.entity import Entity
from saga_agent.story.visibility import is_visible
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import ToolFailure, ToolResult

_GENDERS = {"f": "f", "female": "f", "woman": "f", "girl": "f", "m": "m", "male": "m", "man": "m", "boy": "m"}
_LISTS = {"f": ("female", "women", "f"), "m": ("male", "men", "m")}


def register(registry: ToolRegistry) -> None:
    """Adds the tools of this module."""
    registry.tool(effect="read", category="bible", idempotent=True)(name_generator)


async def name_generator(
    ctx: ToolContext,
    kind: NameKind,
    culture: str | None = None,
    seed_names: tuple[str, ...] = (),
    count: Annotated[int, Field(ge=1, le=200)] = 10,
    gender: str | None = None,
    starts_with: Annotated[str, Field(max_length=10)] = "",
    min_length: Annotated[int, Field(ge=2, le=24)] = 3,
    max_length: Annotated[int, Field(ge=2, le=24)] = 14,
    avoid: tuple[str, ...] = (),
    seed: int | None = None,
) -> ToolResult:
    """Make up names that sound like given ones and are not taken for any name of the story.

    Args:
        kind: What is named.
        culture: A culture of the bible, whose `names` give the sound.
        seed_names: Names that give the sound, beside those of the culture.
        count: How many names.
        gender: female or male, where the given names tell it.
        starts_with: The first letters.
        min_length: Letters at the least.
        max_length: Letters at the most.
        avoid: Further names that must not be met.
        seed: The same seed gives the same list.
    """
    if min_length > max_length:
        raise ToolFailure("invalid_argument", "min_length is more than max_length.")
    entities = [entity async for entity in ctx.story.entities.all(ctx.project_id)]
    sources = [*seed_names, *(await _culture_names(ctx, culture, gender) if culture else ())]
    known = [name for entity in entities for name in (entity.name, *(alias.text for alias in entity.aliases))]
    request = NameRequest(
        kind=kind,
        seed=_seed(ctx) if seed is None else seed,
        count=count,
        starts_with=starts_with.strip(),
        sources=tuple(dict.fromkeys(name.strip() for name in sources if name.strip() and _fits(name, gender))),
        known=tuple(dict.fromkeys([*known, *(word for name in known for word in name.split()), *avoid])),
        min_length=min_length,
        max_length=max_length,
    )
    found = await asyncio.to_thread(generate_names, request)
    secret = _hidden_names(entities)
    names: list[JsonValue] = [
        {
            "name": each.name,
            "flags": [*each.flags],
            **(
                {"nearest": {"name": each.nearest, "score": each.score}}
                if each.nearest and each.nearest not in secret
                else {}
            ),
        }
        for each in found.names
    ]
    return ToolResult(
        data={"names": names, "exhausted": found.exhausted, "seed": request.seed}, warnings=found.warnings
    )


async def _culture_names(ctx: ToolContext, culture: str, gender: str | None) -> list[str]:
    """The names of a culture: a list, or lists by gender, in its field `names`."""
    entity = await ctx.story.entities.resolve(ctx.project_id, culture)
    if entity.type != "culture":
        raise ToolFailure("invalid_argument", f"{entity.name} is a {entity.type}, not a culture.")
    names = entity.fields.get("names") if "names" not in entity.hidden_fields else None
    if isinstance(names, dict):
        told = _LISTS.get(_GENDERS.get((gender or "").strip().lower(), ""), tuple(names))
        names = [name for key, each in names.items() if key in told and isinstance(each, list) for name in each]
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _fits(name: str, gender: str | None) -> bool:
    wanted, told = _GENDERS.get((gender or "").strip().lower()), gender_of(name)
    return wanted is None or told is None or wanted == told


def _seed(ctx: ToolContext) -> int:
    """A seed of this call's own, so that the same call run again gives the same names."""
    return zlib.crc32(f"{ctx.run_id} {ctx.call_id}".encode())


def _hidden_names(entities: list[Entity]) -> set[str]:
    return {
        word
        for entity in entities
        if not is_visible(entity)
        for name in (entity.name, *(alias.text for alias in entity.aliases))
        for word in (name, *name.split())
    }
