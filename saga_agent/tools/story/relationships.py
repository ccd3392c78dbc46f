"""Ties between entities: stored once, checked by their type, seen from both ends."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, JsonValue

from saga_agent.domain.entity import Relationship
from saga_agent.domain.time import StoryInterval, When
from saga_agent.errors import Contradiction
from saga_agent.story.axes import earliest
from saga_agent.story.relationships import Checked
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import Preview, ToolRegistry
from saga_agent.tools.result import ToolFailure, ToolResult
from saga_agent.tools.story.references import entities_of, entity_of


def register(registry: ToolRegistry) -> None:
    """Adds the tools of this module."""
    registry.tool(effect="write", category="bible", idempotent=True, preview=_preview)(create_relationship)


async def create_relationship(
    ctx: ToolContext,
    source: str,
    type: Annotated[str, Field(min_length=1, max_length=60)],
    target: str,
    sign: Annotated[float, Field(ge=-1, le=1)] | None = None,
    strength: Annotated[float, Field(ge=0, le=1)] = 0.5,
    since: When | None = None,
    until: When | None = None,
    secret_from: tuple[str, ...] = (),
    note: str = "",
) -> ToolResult:
    """Tie two entities of the story bible together, as in "Asa parent_of Mira".

    Args:
        source: Id, name or alias of the one the tie starts from.
        type: What the tie is, e.g. parent_of, spouse_of, ally_of, enemy_of, member_of, ruler_of, lives_in, owns.
        target: Id, name or alias of the one it leads to.
        sign: From -1 for hatred to 1 for love; left out, the type says.
        strength: From 0 to 1.
        since: From when in the story it holds.
        until: Up to when it holds.
        secret_from: Who does not know of it.
        note: What is worth knowing about it.
    """
    checked = await _checked(ctx, source, type, target, sign, strength, since, until, secret_from, note)
    ties = ctx.recording.relationships
    closed: list[JsonValue] = [(await ties.end(old, checked.tie)).id for old in checked.ends]
    stored = await ties.create_record(checked.tie)
    return ToolResult(data={"relationship": _told(stored), "closed": closed})


async def _checked(
    ctx: ToolContext,
    source: str,
    type: str,
    target: str,
    sign: float | None,
    strength: float,
    since: When | None,
    until: When | None,
    secret_from: tuple[str, ...],
    note: str,
) -> Checked:
    """The tie as it would be stored; `ToolFailure` says what stands against it."""
    first, second = await entity_of(ctx, source), await entity_of(ctx, target)
    begin, end = [await ctx.story.moments.resolve(ctx.project_id, when) for when in (since, until)]
    if end.start and begin.start and earliest(end.start) <= earliest(begin.start):
        raise ToolFailure("invalid_argument", "until: must lie after since.")
    known = ctx.story.relationships.types.find(type)
    tie = Relationship(
        id=ctx.derived_id("rel"),
        project_id=ctx.project_id,
        type=type,
        source_id=first.id,
        target_id=second.id,
        sign=sign if sign is not None else (known[0].sign if known else 0),
        strength=strength,
        valid=StoryInterval(start=begin.start, end=end.start),
        note=note,
        provenance=ctx.author,
        secret_from=tuple(each.id for each in await entities_of(ctx, secret_from)),
    )
    try:
        return await ctx.story.relationships.check(tie, first, second)
    except Contradiction as error:
        raise ToolFailure("conflict", str(error), candidates=error.others) from None


def _told(tie: Relationship) -> JsonValue:
    include = {"id", "type", "source_id", "target_id", "directed", "sign", "strength", "valid", "rev"}
    return tie.model_dump(mode="json", include=include)


async def _preview(
    ctx: ToolContext,
    source: str,
    type: str,
    target: str,
    sign: float | None,
    strength: float,
    since: When | None,
    until: When | None,
    secret_from: tuple[str, ...],
    note: str,
) -> Preview:
    checked = await _checked(ctx, source, type, target, sign, strength, since, until, secret_from, note)
    first, second = await entity_of(ctx, source), await entity_of(ctx, target)
    lines: list[JsonValue] = [note] if note else []
    lines += [
        f"ends {tie.type} since {tie.valid.start.phrase or tie.valid.start.earliest}"
        if tie.valid.start
        else f"ends {tie.type} from before"
        for tie in checked.ends
    ]
    if secret_from:
        lines.append(f"secret from {', '.join(secret_from)}")
    resources: dict[str, JsonValue] = {record.id: record.rev for record in (first, second, *checked.ends)}
    return {
        "title": f"Tie {first.name!r} {type.replace('_', ' ')} {second.name!r}",
        "lines": lines,
        "resources": resources,
    }
