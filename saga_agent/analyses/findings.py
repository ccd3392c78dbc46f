"""Making findings, merging those that say the same, and putting the writer's waivers on them."""

from __future__ import annotations

from collections.abc import Iterable

from saga_agent.analyses.codes import CODES
from saga_agent.domain.entity import Evidence, Fact
from saga_agent.domain.finding import Certainty, FactEvidence, Finding, Severity
from saga_agent.domain.notes import Waiver
from saga_agent.domain.record import JsonObject, content_hash

_ID_CHARS = 26


def finding(
    code: str,
    message: str,
    *,
    subjects: Iterable[str] = (),
    evidence: Iterable[Evidence | FactEvidence] = (),
    data: JsonObject | None = None,
    certainty: Certainty = "certain",
    severity: Severity | None = None,
) -> Finding:
    """A finding with its id: a hash of code, sorted subjects and the quotes of the evidence.

    Severity is the code's own; what is only possible is an error no more, but a warning.
    """
    places = tuple(evidence)
    about = tuple(dict.fromkeys(subjects))
    weight: Severity = severity or CODES[code].severity
    if severity is None and certainty == "possible" and weight == "error":
        weight = "warning"
    return Finding(
        id=finding_id(code, about, places),
        code=code,
        severity=weight,
        message=message,
        subjects=about,
        evidence=places,
        data=data or {},
        certainty=certainty,
    )


def finding_id(code: str, subjects: Iterable[str], evidence: Iterable[Evidence | FactEvidence]) -> str:
    """The id that always belongs to this code about these subjects with these words."""
    quotes = sorted(each.quote if isinstance(each, Evidence) else f"{each.fact_id} {each.quote}" for each in evidence)
    about: JsonObject = {"code": code, "subjects": [*sorted(set(subjects))], "quotes": [*quotes]}
    return "fnd_" + content_hash(about)[:_ID_CHARS]


def merged(found: Iterable[Finding]) -> list[Finding]:
    """The findings with each id once; one that was met several times keeps all its places."""
    by_id: dict[str, Finding] = {}
    for each in found:
        known = by_id.get(each.id)
        if known is not None:
            places = dict.fromkeys([*known.evidence, *each.evidence])
            each = known.model_copy(update={"evidence": tuple(places)})
        by_id[each.id] = each
    return list(by_id.values())


def with_waivers(found: Iterable[Finding], waivers: Iterable[Waiver]) -> list[Finding]:
    """The findings, those that a waiver accepts marked with it and its reason.

    A waiver names the finding itself, or its code together with a document or an entity that it is about.
    """
    by_target: dict[str, list[Waiver]] = {}
    for waiver in waivers:
        by_target.setdefault(waiver.target, []).append(waiver)
    return [_waived(each, by_target) for each in found]


def _waived(each: Finding, by_target: dict[str, list[Waiver]]) -> Finding:
    documents = [place.document_id for place in each.evidence if isinstance(place, Evidence)]
    for target in (each.id, *each.subjects, *documents):
        for waiver in by_target.get(target, ()):
            if waiver.code == each.code or target == each.id:
                told: JsonObject = {"waived_because": waiver.reason, "waived_who": waiver.who}
                return each.model_copy(update={"waived_by": waiver.id, "data": each.data | told})
    return each


def fact_evidence(*facts: Fact) -> tuple[FactEvidence, ...]:
    """Facts as evidence, in words."""
    return tuple(FactEvidence(fact_id=fact.id, quote=f"{fact.predicate} = {fact.value}") for fact in facts)
