"""Checks against canon: a passage, and canon itself."""

from __future__ import annotations

from typing import Annotated, cast

from pydantic import Field, JsonValue

from saga_agent.domain.record import JsonObject
from saga_agent.domain.time import When
from saga_agent.story.checks.passages import PassageRequest
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import ToolResult
from saga_agent.tools.story.looked import MOST_FINDINGS, looked_at, within_limits


def register(registry: ToolRegistry) -> None:
    """Adds the tools of this module."""
    registry.tool(effect="read", category="checks", idempotent=True, timeout_seconds=180.0)(check_consistency)
    registry.tool(effect="read", category="checks", idempotent=True)(analyze_consistency)


async def check_consistency(
    ctx: ToolContext,
    text: str | None = None,
    document: str | None = None,
    scene: str | None = None,
    start: Annotated[int, Field(ge=0)] = 0,
    end: Annotated[int, Field(ge=0)] | None = None,
    as_of: When | None = None,
    checks: tuple[str, ...] = (),
    use_llm: bool = True,
) -> ToolResult:
    """Check a passage against the story bible: who is there, where and when, what is used, known and claimed.

    Args:
        text: The passage; leave it out when a document or a scene is given.
        document: The document's id, number ("chapter 7") or title.
        scene: The id of a scene, instead of a document.
        start: Offset of the first character to look at.
        end: Offset after the last one.
        as_of: Where in the story a bare text stands; a document or a scene tells it by itself.
        checks: Only findings with these codes, such as fact.contradiction.
        use_llm: Whether a model may read the claims out of the prose.
    """
    with within_limits():
        report = await ctx.story.checks.passage(
            ctx.project_id,
            PassageRequest(text=text, document=document, scene=scene, start=start, end=end),
            as_of=as_of,
            codes=checks,
            extractor=ctx.extractor if use_llm else None,
            for_ai=True,
        )
    data: JsonObject = {**looked_at(report.passage), "waived": report.waived}
    if report.claims is not None:
        data["claims"] = [cast(JsonValue, claim.model_dump(mode="json")) for claim in report.claims]
    data["skipped"] = [*report.skipped]
    return ToolResult(
        data=data,
        findings=tuple(report.findings[:MOST_FINDINGS]),
        truncated=len(report.findings) > MOST_FINDINGS,
        warnings=report.warnings,
        engine="mixed" if report.claims is not None else "algorithm",
    )


async def analyze_consistency(
    ctx: ToolContext, families: tuple[str, ...] = (), about: tuple[str, ...] = ()
) -> ToolResult:
    """Check the story bible against itself: facts, ages, ties, places, items, names, references, dates, knowledge.

    Args:
        families: Only these families of checks, such as kinship or calendar.
        about: Only findings about these entities, by id, name or alias.
    """
    wanted = {(await ctx.story.entities.resolve(ctx.project_id, each)).id for each in about}
    report = await ctx.story.checks.bible(ctx.project_id, families=families, about=wanted, for_ai=True)
    data: JsonObject = {"families": [*(families or report.families)], "waived": report.waived}
    return ToolResult(
        data=data,
        findings=tuple(report.findings[:MOST_FINDINGS]),
        truncated=len(report.findings) > MOST_FINDINGS,
        warnings=report.warnings,
    )
