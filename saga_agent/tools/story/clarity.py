"""How a passage reads: metrics beside the writer's own, and what may be in the reader's way."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Annotated

from pydantic import Field

from saga_agent.analyses.clarity.check import CLARITY_CODES, ClarityReport, check_clarity
from saga_agent.analyses.prose import Prose
from saga_agent.domain.entity import Entity
from saga_agent.domain.project import Project
from saga_agent.domain.record import JsonObject
from saga_agent.story.visibility import is_visible
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import ToolFailure, ToolResult
from saga_agent.tools.story.canon import waived
from saga_agent.tools.story.passages import Looked, look, names_in

_MOST_FINDINGS = 100
_BASELINE_DOCUMENTS = 6
_BASELINE_CHARACTERS = 60_000


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
    codes = wanted_codes(checks, CLARITY_CODES)
    looked = await look(ctx, text=text, document=document, start=start, end=end)
    project = await ctx.story.projects.get(ctx.project_id)
    entities = {entity.id: entity async for entity in ctx.story.entities.all(ctx.project_id)}
    cast = [each for each in await names_in(ctx, looked, entities) if not _is_hidden(entities, each.entity_id)]
    told = language or project.style_guide.language or str(project.settings.get("language") or "") or None
    report = await asyncio.to_thread(
        check_clarity, looked.prose, cast=cast, guide=project.style_guide, codes=codes, language=told
    )
    baseline = await _baseline(ctx, looked, project, codes, told)
    metrics = report.metrics.model_copy(update={"baseline_per_1000_words": baseline})
    marked = await waived(ctx, report.findings)
    open_ones = [each for each in marked if each.waived_by is None]
    data: JsonObject = {**looked.described(), "metrics": metrics.model_dump(mode="json")}
    data |= {"waived": len(marked) - len(open_ones), "skipped": [*report.skipped]}
    return ToolResult(
        data=data,
        findings=tuple(open_ones[:_MOST_FINDINGS]),
        truncated=len(open_ones) > _MOST_FINDINGS,
        warnings=_warnings(report, len(open_ones)),
    )


def wanted_codes(asked: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    """The codes asked for, all when none is; `ToolFailure` lists the valid ones."""
    if unknown := [code for code in asked if code not in known]:
        raise ToolFailure(
            "invalid_argument", f"There is no code {unknown[0]!r} here; the codes are {', '.join(known)}."
        )
    return asked or known


async def _baseline(
    ctx: ToolContext, looked: Looked, project: Project, codes: tuple[str, ...], language: str | None
) -> dict[str, float]:
    """How often each code is found in a sample of the writer's other documents, per 1,000 words."""
    counts: Counter[str] = Counter()
    words = sampled = 0
    async for head in ctx.story.documents.all(ctx.project_id):
        if sampled == _BASELINE_DOCUMENTS:
            break
        if head.kind not in ("chapter", "scene") or (looked.document and head.id == looked.document.id):
            continue
        sampled += 1
        other = Prose((await ctx.story.documents.get(ctx.project_id, head.id)).text[:_BASELINE_CHARACTERS])
        report = await asyncio.to_thread(
            check_clarity, other, guide=project.style_guide, codes=codes, language=language
        )
        words += report.metrics.words
        counts.update({code: _count(report, code) for code in report.metrics.per_1000_words})
    return {code: round(count * 1000 / words, 2) for code, count in sorted(counts.items())} if words else {}


def _count(report: ClarityReport, code: str) -> int:
    return round(report.metrics.per_1000_words[code] * report.metrics.words / 1000)


def _warnings(report: ClarityReport, count: int) -> tuple[str, ...]:
    told = [f"{len(report.skipped)} checks know only English and were skipped."] if report.skipped else []
    if count > _MOST_FINDINGS:
        told.append(f"{_MOST_FINDINGS} of {count} findings are given; name a stretch or a code to see the others.")
    return tuple(told)


def _is_hidden(entities: dict[str, Entity], entity_id: str | None) -> bool:
    return entity_id in entities and not is_visible(entities[entity_id or ""])
