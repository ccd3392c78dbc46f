"""How a passage reads: metrics beside the writer's own, and what may be in the reader's way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from saga_agent.analyses.clarity.check import CLARITY_CODES, ClarityReport, check_clarity
from saga_agent.analyses.clarity.metrics import Metrics
from saga_agent.analyses.prose import Prose
from saga_agent.domain.finding import Finding
from saga_agent.domain.project import Project
from saga_agent.offload import off_loop
from saga_agent.story.checks.passage_check import wanted_codes
from saga_agent.story.checks.passages import LoadedPassage, PassageRequest, load_passage, names_in
from saga_agent.story.checks.sources import Sources, language_of
from saga_agent.story.visibility import is_visible

_BASELINE_DOCUMENTS = 6
_BASELINE_CHARACTERS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WordingReport:
    """What may be in the reader's way."""

    passage: LoadedPassage
    metrics: Metrics
    findings: list[Finding]
    """Those that nobody has waived."""
    waived: int
    skipped: tuple[str, ...]
    """Codes that know only English, which the passage is not in."""
    warnings: tuple[str, ...]


async def check_wording(
    sources: Sources,
    project_id: str,
    asked: PassageRequest,
    *,
    codes: Collection[str],
    language: str | None,
    for_ai: bool,
) -> WordingReport:
    """How the passage reads, all codes when none is named; its language is the project's, or guessed.

    Raises: `NotFound`; `InvalidInput` for a code or a passage that there is not, `TextTooLong`.
    """
    wanted = wanted_codes(codes, CLARITY_CODES)
    passage = await load_passage(sources, project_id, asked)
    project = await sources.projects.get(project_id)
    entities = {entity.id: entity async for entity in sources.entities.all(project_id)}
    hidden = {entity.id for entity in entities.values() if for_ai and not is_visible(entity)}
    cast = [each for each in await names_in(sources, project_id, passage, entities) if each.entity_id not in hidden]
    told = language or language_of(project)
    report = await off_loop(
        check_clarity, passage.prose, cast=cast, guide=project.style_guide, codes=wanted, language=told
    )
    baseline = await _baseline(sources, project, passage, wanted, told)
    marked = await sources.waived(project_id, report.findings)
    open_ones = [each for each in marked if each.waived_by is None]
    return WordingReport(
        passage=passage,
        metrics=report.metrics.model_copy(update={"baseline_per_1000_words": baseline}),
        findings=open_ones,
        waived=len(marked) - len(open_ones),
        skipped=report.skipped,
        warnings=_warnings(report),
    )


async def _baseline(
    sources: Sources, project: Project, passage: LoadedPassage, codes: tuple[str, ...], language: str | None
) -> dict[str, float]:
    """How often each code is found in a sample of the writer's other documents, per 1,000 words."""
    counts: Counter[str] = Counter()
    words = sampled = 0
    async for head in sources.documents.all(project.id):
        if sampled == _BASELINE_DOCUMENTS:
            break
        if head.kind not in ("chapter", "scene") or (passage.document and head.id == passage.document.id):
            continue
        sampled += 1
        other = Prose((await sources.documents.get(project.id, head.id)).text[:_BASELINE_CHARACTERS])
        report = await off_loop(check_clarity, other, guide=project.style_guide, codes=codes, language=language)
        words += report.metrics.words
        counts.update({code: _count(report, code) for code in report.metrics.per_1000_words})
    return {code: round(count * 1000 / words, 2) for code, count in sorted(counts.items())} if words else {}


def _count(report: ClarityReport, code: str) -> int:
    return round(report.metrics.per_1000_words[code] * report.metrics.words / 1000)


def _warnings(report: ClarityReport) -> tuple[str, ...]:
    failed = [f"The family {name} failed: {why}" for name, why in report.failed]
    skipped = [f"{len(report.skipped)} checks know only English and were skipped."] if report.skipped else []
    return (*failed, *skipped)
