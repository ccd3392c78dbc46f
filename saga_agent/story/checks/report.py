"""What a check of a whole project gives back, and what it could not look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from pydantic import field_serializer

from saga_agent.analyses.checks import CheckOutcome, Need
from saga_agent.analyses.codes import FAMILIES, Family
from saga_agent.domain.finding import Finding
from saga_agent.domain.record import Model

State = Literal["read", "partly", "not"]
_MISSING: dict[Need, str] = {
    "calendar": "The project has no calendar that can be read.",
    "story time": "It has no story time.",
    "place": "It names no place.",
    "point of view": "It names no point of view.",
    "claims": "No model has read what it claims.",
    "English": "It is not in English.",
}


class Coverage(NamedTuple):
    """How far one family has looked at one document, or at the bible."""

    document_id: str | None
    """None for the bible."""
    family: Family
    state: State
    reason: str
    """Why not all was read; empty where it was."""


class CheckReport(Model):
    """The findings of a project, what is new and fixed among them, and what was looked at."""

    findings: tuple[Finding, ...]
    """Those that nobody has waived."""
    new: tuple[str, ...]
    """Ids of findings that were not open when the project was checked before; none at the first time."""
    fixed: tuple[str, ...]
    """Ids of findings that were open then, and are not any more."""
    coverage: tuple[Coverage, ...]
    waived: tuple[Finding, ...] = ()
    rev: int = 0
    """What a later check names as `since` to be compared with this one."""
    warnings: tuple[str, ...] = ()

    @field_serializer("coverage", when_used="json")
    def _by_name(self, rows: tuple[Coverage, ...]) -> list[dict[str, str | None]]:
        """In JSON the fields of a row have their names."""
        return [row._asdict() for row in rows]


def coverage_of(document_id: str | None, checked: CheckOutcome, *, cut: str = "") -> Iterator[Coverage]:
    """How far each family has looked; `cut` tells why a passage was not read to its end."""
    reasons: defaultdict[Family, list[str]] = defaultdict(list)
    for check, need in checked.skipped:
        reasons[check.family].append(_MISSING[need])
    for family, why in checked.failed.items():
        reasons[family].append(f"It failed: {why}")
    ran = {check.family for check in checked.ran}
    for family in FAMILIES:
        told = [*reasons[family], *([cut] if cut and family in ran else [])]
        if told or family in ran:
            state: State = "not" if family not in ran else "partly" if told else "read"
            yield Coverage(document_id, family, state, " ".join(dict.fromkeys(told)))


def not_read(document_id: str, families: Iterable[Family], reason: str) -> Iterator[Coverage]:
    """The same for a document that was left out."""
    return (Coverage(document_id, family, "not", reason) for family in families)
