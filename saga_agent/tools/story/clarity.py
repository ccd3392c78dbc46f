"""How a passage reads: metrics beside the writer's own, and what may be in the reader's way."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from saga_agent.domain.record import JsonObject
from saga_agent.story.checks.passages import PassageRequest
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import ToolResult
from saga_agent.tools.story.looked import MOST_FINDINGS, looked_at, within_limits


def register(registry: ToolRegistry) -> None:
    """Adds the tools of this module."""
    registry.tool(effect="read", category="checks", idempotent=True)(clarity_check)


async def clarity_check(
    ctx: ToolContext,
    text: str | None = None,
    document: str | None = None,
    start: Annotated[int, Field(ge=0)] = 0,
    end: Annotated[int, Field(ge=0)] | None = None,
    checks: tuple[str, ...] = (),
    language: str | None = None,
) -> ToolResult:
    """Check how clearly a text or a document reads: metrics, and findings on wording, rhythm, dialogue and style.

    Args:
        text: The text to look at; leave it out when a document is given.
        document: The document's id, number ("chapter 7") or title.
        start: Offset of the first character to look at.
        end: Offset after the last one.
        checks: Only findings with these codes, such as clarity.passive.
        language: The language of the text, such as "en"; guessed when left out.
    """
    asked = PassageRequest(text=text, document=document, start=start, end=end)
    with within_limits():
        report = await ctx.story.checks.wording(ctx.project_id, asked, codes=checks, language=language, for_ai=True)
    count = len(report.findings)
    data: JsonObject = {**looked_at(report.passage), "metrics": report.metrics.model_dump(mode="json")}
    data |= {"waived": report.waived, "skipped": [*report.skipped]}
    left_out = f"{MOST_FINDINGS} of {count} findings are given; name a stretch or a code to see the others."
    return ToolResult(
        data=data,
        findings=tuple(report.findings[:MOST_FINDINGS]),
        truncated=count > MOST_FINDINGS,
        warnings=(*report.warnings, left_out) if count > MOST_FINDINGS else report.warnings,
    )
