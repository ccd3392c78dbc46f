"""The roll-up of all findings: ranked, grouped by code, and compared with an earlier look."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from saga_agent.analyses.codes import CODES
from saga_agent.domain.entity import Evidence
from saga_agent.domain.finding import Finding, Severity

SHOWN_PER_CODE = 5
_SEVERITY: dict[Severity, float] = {"error": 9.0, "warning": 3.0, "info": 1.0}
_POSSIBLE = 0.5
_NEAR = 2.0


@dataclass(frozen=True, slots=True)
class IssueGroup:
    """The findings of one code: the weightiest few, and how many more there are."""

    code: str
    meaning: str
    shown: tuple[Finding, ...]
    more: int


@dataclass(frozen=True, slots=True)
class IssueChange:
    """What came and what went since an earlier look, as ids."""

    new: tuple[str, ...]
    fixed: tuple[str, ...]


def rank_of(each: Finding, *, weights: Mapping[str, float] | None = None, near: str | None = None) -> float:
    """How much a finding matters: severity x certainty x weight of its subjects x nearness to the writer's document.

    `weights` tells how often each subject is mentioned; one never mentioned weighs 1.
    """
    mentions = max((weights.get(subject, 0.0) for subject in each.subjects), default=0.0) if weights else 0.0
    documents = {place.document_id for place in each.evidence if isinstance(place, Evidence)} | set(each.subjects)
    certainty = 1.0 if each.certainty == "certain" else _POSSIBLE
    return _SEVERITY[each.severity] * certainty * (1 + math.log1p(mentions)) * (_NEAR if near in documents else 1.0)


def grouped(
    found: Iterable[Finding], *, limit: int, weights: Mapping[str, float] | None = None, near: str | None = None
) -> list[IssueGroup]:
    """The findings by code, the weightiest code first, up to five of each and `limit` in all."""
    ranked = sorted(found, key=lambda each: (-rank_of(each, weights=weights, near=near), each.code, each.id))
    by_code: dict[str, list[Finding]] = {}
    for each in ranked:
        by_code.setdefault(each.code, []).append(each)
    groups: list[IssueGroup] = []
    left = limit
    for code, each_of in by_code.items():
        shown = tuple(each_of[: min(SHOWN_PER_CODE, left)])
        left -= len(shown)
        meaning = CODES[code].meaning if code in CODES else ""
        groups.append(IssueGroup(code, meaning, shown, len(each_of) - len(shown)))
    return groups


def counts_of(found: Collection[Finding]) -> dict[str, int]:
    """How many findings there are of each severity."""
    counts = Counter(each.severity for each in found)
    return {severity: counts[severity] for severity in _SEVERITY}


def at_least(found: Iterable[Finding], severity: Severity) -> list[Finding]:
    """The findings of that severity or a higher one."""
    return [each for each in found if _SEVERITY[each.severity] >= _SEVERITY[severity]]


def changes(before: Collection[str], now: Collection[str]) -> IssueChange:
    """The ids that are new, and those that are gone."""
    return IssueChange(tuple(sorted(set(now) - set(before))), tuple(sorted(set(before) - set(now))))
