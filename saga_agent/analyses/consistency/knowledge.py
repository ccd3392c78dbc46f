"""Who knows what too early, by what the bible itself says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from saga_agent.analyses.consistency.canon import Canon
from saga_agent.analyses.consistency.facts import is_same_value
from saga_agent.analyses.consistency.spans import bounds_of, moment_span, span_of
from saga_agent.analyses.findings import fact_evidence, finding
from saga_agent.domain.entity import Fact, Knowledge
from saga_agent.domain.finding import Finding


def check_knowledge(canon: Canon) -> Iterator[Finding]:
    """Knowledge dated before its own source, before its fact, or held as a belief before it was learned."""
    beliefs = [fact for fact in canon.facts if fact.truth == "belief" and fact.status == "accepted"]
    for fact in canon.facts:
        if fact.status == "accepted":
            for known in fact.known_by:
                yield from _before_source(canon, fact, known)
                yield from _before_fact(canon, fact, known)
                yield from _before_belief(canon, fact, known, beliefs)


def _before_source(canon: Canon, fact: Fact, known: Knowledge) -> Iterator[Finding]:
    scene = canon.document_by_id.get(known.source_scene or "")
    learned = moment_span(scene.story) if scene else None
    if scene and learned and bounds_of(known.since).latest < learned.start.earliest:
        yield finding(
            "knowledge.before_learned",
            f"{canon.name(known.who)} {known.state} {_told(canon, fact)} before {scene.label!r}, where it is learned.",
            subjects=[known.who, fact.subject_id, scene.id],
            evidence=fact_evidence(fact),
        )


def _before_fact(canon: Canon, fact: Fact, known: Knowledge) -> Iterator[Finding]:
    starts = span_of(fact.valid).start
    if known.state == "knows" and fact.truth == "canon" and bounds_of(known.since).latest < starts.earliest:
        yield finding(
            "knowledge.before_learned",
            f"{canon.name(known.who)} knows {_told(canon, fact)} before it is so.",
            subjects=[known.who, fact.subject_id],
            evidence=fact_evidence(fact),
        )


def _before_belief(canon: Canon, fact: Fact, known: Knowledge, beliefs: Sequence[Fact]) -> Iterator[Finding]:
    learned = bounds_of(known.since).earliest
    for belief in beliefs:
        same = (belief.holder_id, belief.subject_id, belief.predicate) == (known.who, fact.subject_id, fact.predicate)
        dated = belief.valid.start is not None and span_of(belief.valid).start.latest < learned
        if same and dated and is_same_value(belief.value, fact.value):
            yield finding(
                "knowledge.before_learned",
                f"{canon.name(known.who)} believes {_told(canon, fact)} before learning it.",
                subjects=[known.who, fact.subject_id],
                evidence=fact_evidence(fact, belief),
            )


def _told(canon: Canon, fact: Fact) -> str:
    return f"that {canon.name(fact.subject_id)} {fact.predicate} = {fact.value}"
