"""Small canons for the tests of checks."""

from __future__ import annotations

from typing import Any

from saga_agent.analyses.checks import Material, run_checks
from saga_agent.analyses.consistency.canon import Canon
from saga_agent.analyses.findings import merged
from saga_agent.domain.document import DocumentHead
from saga_agent.domain.entity import Entity, Fact, Relationship
from saga_agent.domain.finding import Finding
from saga_agent.domain.time import StoryInterval, TimeValue


def day(earliest: int | None, latest: int | None = None) -> TimeValue:
    return TimeValue(earliest=earliest, latest=earliest if latest is None else latest)


def between(start: TimeValue | int | None, end: TimeValue | int | None) -> StoryInterval:
    bounds = [day(each) if isinstance(each, int) else each for each in (start, end)]
    return StoryInterval(start=bounds[0], end=bounds[1])


def entity(name: str, kind: str = "character", **fields: Any) -> Entity:
    return Entity.model_validate({"id": name.lower(), "project_id": "p", "type": kind, "name": name, **fields})


def fact(subject: str, predicate: str, value: Any, **fields: Any) -> Fact:
    made = fields.pop("id", f"{subject}-{predicate}-{value}")
    return Fact.model_validate(
        {"id": made, "project_id": "p", "subject_id": subject, "predicate": predicate, "value": value, **fields}
    )


def tie(source: str, kind: str, target: str, **fields: Any) -> Relationship:
    return Relationship.model_validate(
        {
            "id": f"{source}-{kind}-{target}",
            "project_id": "p",
            "source_id": source,
            "type": kind,
            "target_id": target,
            **fields,
        }
    )


def chapter(number: int, **fields: Any) -> DocumentHead:
    return DocumentHead.model_validate(
        {"id": f"ch{number}", "project_id": "p", "number": number, "reading_order": number, **fields}
    )


def findings_of(canon: Canon, *families: str) -> list[Finding]:
    checked = run_checks(Material(canon=canon), "bible", families=families or None)
    assert checked.failed == {}
    return merged(checked.findings)


def told(found: list[Finding]) -> list[tuple[str, str]]:
    return [(each.code, each.certainty) for each in found]
