"""A new world as a bundle of proposals, which the writer takes item by item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Annotated

from pydantic import Field, JsonValue

from saga_agent.domain.notes import Proposal
from saga_agent.domain.record import JsonObject
from saga_agent.story.genesis.draft import Draft, bundle_hash, to_items, unbalanced_triads
from saga_agent.story.genesis.skeleton import MODULES, Module, Scale, WorldRequest, build_skeleton
from saga_agent.story.genesis.writing import WrittenWorld, write_world
from saga_agent.story.visibility import is_visible
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import Preview, ToolRegistry
from saga_agent.tools.result import ToolFailure, ToolResult

_LISTED = 60
"""Items that the result names; the proposal holds them all."""


def register(registry: ToolRegistry) -> None:
    """Adds the tools of this module."""
    registry.tool(effect="write", category="world", idempotent=True, preview=_preview, timeout_seconds=300.0)(
        genesis_world
    )


async def genesis_world(
    ctx: ToolContext,
    premise: str,
    genre: str = "",
    scale: Scale = "small",
    seed: Annotated[int, Field(ge=0)] = 0,
    modules: tuple[Module, ...] = MODULES,
    calendar: JsonObject | None = None,
) -> ToolResult:
    """Draft a new world around a premise: factions in conflict, places, people, events and a calendar.

    The writer takes it piece by piece; nothing is in the story before that.

    Args:
        premise: What the story is about.
        genre: Its genre.
        scale: How much of everything.
        seed: The same seed gives the same world.
        modules: Which parts of the world; all of them by default.
        calendar: The fields of its calendar, e.g. months with name and days.
    """
    if not premise.strip():
        raise ToolFailure("invalid_argument", "premise: say what the story is about.")
    proposal_id = ctx.derived_id("pro")
    stored = await ctx.story.proposals.find(ctx.project_id, proposal_id)
    known = [entity async for entity in ctx.story.entities.all(ctx.project_id)]
    names = tuple(name for entity in known for name in (entity.name, *(alias.text for alias in entity.aliases)))
    request = WorldRequest(
        seed=seed,
        scale=scale,
        known_names=names,
        calendar=calendar,
        modules=[each for each in modules if each != "calendar" or all(e.type != "calendar" for e in known)],
    )
    skeleton = build_skeleton(request)
    written = WrittenWorld(skeleton)
    if ctx.world_writer is not None and stored is None:
        written = await write_world(ctx.world_writer, premise, genre, skeleton)
    taken = {entity.name.casefold(): entity for entity in known if is_visible(entity)}
    drafts, doubles = _without_doubles(written.drafts, taken.keys())
    proposal = stored or await ctx.story.proposals.create(
        ctx.project_id,
        id=proposal_id,
        kind="bundle",
        rationale=premise,
        provenance=ctx.author,
        items=to_items(drafts, lambda draft: ctx.derived_id("ent" if draft.kind == "entity" else "rel", draft.id)),
    )
    return ToolResult(
        data=_told(proposal, drafts, [taken[name].name for name in doubles]),
        proposals=(proposal.id,),
        warnings=written.warnings,
        truncated=written.is_cut,
        engine="mixed" if ctx.world_writer else "algorithm",
    )


def _without_doubles(drafts: list[Draft], names: Collection[str]) -> tuple[list[Draft], list[str]]:
    """The drafts without those whose name the bible has, and what hangs on them; and these names, folded."""
    doubles = {
        draft.id: str(draft.record["name"]).casefold()
        for draft in drafts
        if draft.kind == "entity" and str(draft.record["name"]).casefold() in names
    }
    kept = [draft for draft in drafts if draft.id not in doubles and not set(draft.refs) & doubles.keys()]
    return kept, list(doubles.values())


def _told(proposal: Proposal, drafts: list[Draft], duplicates: list[str]) -> JsonObject:
    counts = Counter(str(draft.record["type"]) for draft in drafts if draft.kind == "entity")
    items: list[JsonValue] = [
        {"id": item.id, "label": item.label, "record_id": item.record["id"]}
        for item in proposal.items[:_LISTED]
        if item.kind == "entity"
    ]
    return {
        "proposal_id": proposal.id,
        "items": items,
        "report": {
            "entities": dict(sorted(counts.items())),
            "relationships": sum(draft.kind == "relationship" for draft in drafts),
            "unbalanced_triads": len(unbalanced_triads(drafts)),
            "hash": bundle_hash(drafts),
            "duplicates": [*duplicates],
        },
    }


async def _preview(
    ctx: ToolContext,
    premise: str,
    genre: str,
    scale: str,
    seed: int,
    modules: tuple[str, ...],
    calendar: JsonObject | None,
) -> Preview:
    return {
        "title": f"Draft a {scale} world",
        "lines": [premise, f"with {', '.join(modules)}", "Nothing of it is in the story before you take it."],
    }
