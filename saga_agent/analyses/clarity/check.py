"""The clarity check: all metrics and findings of a passage, by code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from saga_agent.analyses.cast import Named
from saga_agent.analyses.checks import Material, run_checks
from saga_agent.analyses.clarity.metrics import Metrics, measure
from saga_agent.analyses.codes import Family, codes_of
from saga_agent.analyses.consistency.passage import PlacedPassage
from saga_agent.analyses.findings import merged
from saga_agent.analyses.prose import Prose
from saga_agent.domain.finding import Finding
from saga_agent.domain.project import StyleGuide

CLARITY_CODES = codes_of("clarity", "style")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClarityReport:
    """What the check found, and what it could not look at."""

    metrics: Metrics
    findings: list[Finding]
    skipped: tuple[str, ...] = ()
    """Codes that do not apply, because the text is not English."""
    failed: tuple[tuple[Family, str], ...] = ()
    """Families that raised, with the exception in words."""


def check_clarity(
    prose: Prose,
    *,
    cast: Sequence[Named] = (),
    guide: StyleGuide | None = None,
    codes: Collection[str] = CLARITY_CODES,
    language: str | None = None,
) -> ClarityReport:
    """Metrics and findings of a passage, in the order of the text."""
    passage = PlacedPassage(prose=prose, names=cast)
    material = Material(passage=passage, guide=guide or StyleGuide(), language=language)
    checked = run_checks(material, "wording", codes=codes)
    found = sorted(checked.findings, key=_place)
    metrics = measure(prose, english=material.is_english)
    if metrics.words:
        counts = Counter(each.code for each in found)
        rates = {code: round(count * 1000 / metrics.words, 2) for code, count in sorted(counts.items())}
        metrics = metrics.model_copy(update={"per_1000_words": rates})
    skipped = {code for check, _ in checked.skipped for code in check.codes}
    return ClarityReport(
        metrics=metrics,
        findings=merged(found),
        skipped=tuple(code for code in CLARITY_CODES if code in skipped),
        failed=tuple(checked.failed.items()),
    )


def _place(each: Finding) -> tuple[int, str]:
    start = getattr(each.evidence[0], "start", 0) if each.evidence else 0
    return start, each.code
