"""The families of checks on the canon: each a function of its own, so that one that fails stops no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from saga_agent.analyses.codes import Family
from saga_agent.analyses.consistency.canon import Canon
from saga_agent.analyses.consistency.custody import check_custody
from saga_agent.analyses.consistency.existence import check_existence
from saga_agent.analyses.consistency.facts import check_facts
from saga_agent.analyses.consistency.kinship import check_kinship
from saga_agent.analyses.consistency.knowledge import check_knowledge
from saga_agent.analyses.consistency.places import check_places
from saga_agent.analyses.consistency.records import check_aliases, check_dates, check_references
from saga_agent.analyses.consistency.ties import check_ties
from saga_agent.analyses.findings import merged
from saga_agent.domain.finding import Finding

Check = Callable[[Canon], Iterable[Finding]]

CANON_FAMILIES: Mapping[Family, Check] = {
    "existence": check_existence,
    "facts": check_facts,
    "kinship": check_kinship,
    "ties": check_ties,
    "places": check_places,
    "custody": check_custody,
    "aliases": check_aliases,
    "references": check_references,
    "calendar": check_dates,
    "knowledge": check_knowledge,
}


@dataclass(frozen=True, slots=True)
class CanonReport:
    """What the families found, and which of them failed, with the reason."""

    findings: list[Finding]
    failed: Mapping[str, str]


def check_canon(
    canon: Canon, *, families: Iterable[str] | None = None, checks: Mapping[Family, Check] = CANON_FAMILIES
) -> CanonReport:
    """Runs the families, by default all; one that raises is reported, and the others still run."""
    wanted = set(checks if families is None else families)
    found: list[Finding] = []
    failed: dict[str, str] = {}
    for family, check in checks.items():
        if family in wanted:
            try:
                found += list(check(canon))
            except Exception as error:  # a family is a plug-in: whatever it raises is its own failure
                failed[family] = f"{type(error).__name__}: {error}"
    return CanonReport(merged(found), failed)
