"""All issues of a story in one list: canon, passages and style, ranked, with what is new and what is fixed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, cast

from pydantic import Field, JsonValue

from saga_agent.analyses.issues import IssueGroup, at_least, counts_of, grouped
from saga_agent.domain.finding import Finding, Severity
from saga_agent.domain.record import JsonObject
from saga_agent.story.checks.report import CheckReport
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import ToolResult


def register(registry: ToolRegistry) -> None:
    """Adds the tools of this module."""
    registry.tool(effect="read", category="checks", idempotent=True, timeout_seconds=300.0)(find_issues)


async def find_issues(
    ctx: ToolContext,
    min_severity: Severity = "info",
    families: tuple[str, ...] = (),
    near: str | None = None,
    since_rev: Annotated[int, Field(ge=0)] | None = None,
    limit: Annotated[int, Field(ge=1, le=200)] = 50,
    include_waived: bool = False,
) -> ToolResult:
    """List all issues of the story, the weightiest first: in the bible, in the documents, and against its style.

    Args:
        min_severity: Leave out what is less severe.
        families: Only these families of checks; clarity is looked at only when it is named here.
        near: A document the writer is in, by id, number or title; its issues come first.
        since_rev: The `rev` of an earlier list to compare with; the last one when left out.
        limit: How many issues at the most.
        include_waived: Show what the writer has waived, with the reason.
    """
    head = await ctx.story.documents.resolve(ctx.project_id, near) if near else None
    report = await ctx.story.check(ctx.project_id, families=families, since=since_rev, for_ai=True)
    listed = (*report.findings, *report.waived) if include_waived else report.findings
    shown = at_least(listed, min_severity)
    groups = grouped(shown, limit=limit, weights=await _weights(ctx), near=head.id if head else None)
    return ToolResult(
        data=_data(groups, report, shown),
        findings=tuple(each for group in groups for each in group.shown),
        warnings=report.warnings,
        truncated=any(group.more for group in groups),
    )


async def _weights(ctx: ToolContext) -> Mapping[str, float]:
    counts: Counter[str] = Counter()
    for appearance in await ctx.story.mentions.count(ctx.project_id):
        if appearance.entity_id is not None:
            counts[appearance.entity_id] += appearance.count
    return {entity: float(count) for entity, count in counts.items()}


def _data(groups: list[IssueGroup], report: CheckReport, shown: list[Finding]) -> JsonObject:
    listed: list[JsonValue] = [
        {
            "code": group.code,
            "meaning": group.meaning,
            "ids": [each.id for each in group.shown],
            "more": group.more,
            **({"note": f"{group.more} more"} if group.more else {}),
        }
        for group in groups
    ]
    counts = cast(JsonObject, counts_of(shown))
    return {
        "rev": report.rev,
        "groups": listed,
        "counts": counts,
        "new": [*report.new],
        "fixed": [*report.fixed],
        "waived": len(report.waived),
    }
