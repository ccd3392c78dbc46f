"""Dialogue that gives away what its speaker has not learned yet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from saga_agent.analyses.cast import Named
from saga_agent.analyses.consistency.canon import Canon
from saga_agent.analyses.consistency.facts import StoryPosition
from saga_agent.analyses.consistency.spans import bounds_of
from saga_agent.analyses.findings import fact_evidence, finding
from saga_agent.analyses.prose import Prose
from saga_agent.domain.entity import Entity, Fact, Knowledge
from saga_agent.domain.finding import Finding

_SAID = r"(?:said|says|asked|replied|answered|cried|whispered|murmured|muttered|shouted|told|added)"
_BEFORE_NAME = re.compile(rf"\s*,?\s*{_SAID}\s+$")
_AFTER_NAME = re.compile(rf"\s+(?:\w+ly\s+)?{_SAID}\b")
_REACH = 40
_FEWEST_LETTERS = 4


def told_too_early(canon: Canon, prose: Prose, names: Sequence[Named], moment: StoryPosition) -> Iterator[Finding]:
    """Each speech that names a fact's subject and its value before the speaker has learned the fact."""
    tagged = [(fact, known) for fact in canon.facts for known in fact.known_by if fact.status == "accepted"]
    for start, end in prose.quotes if tagged else ():
        speaker = _speaker(prose, names, start, end)
        for fact, known in tagged:
            subject = canon.by_id.get(fact.subject_id)
            early = speaker == known.who and _is_later(canon, known, moment)
            if early and subject and _tells(prose.text[start:end], subject, fact):
                yield finding(
                    "knowledge.before_learned",
                    f"{canon.name(known.who)} tells that {subject.name} {fact.predicate} = {fact.value}, "
                    "and learns it only later.",
                    subjects=[known.who, subject.id],
                    evidence=[prose.evidence(start, end), *fact_evidence(fact)],
                    certainty="possible",
                )


def _speaker(prose: Prose, names: Sequence[Named], start: int, end: int) -> str | None:
    """Who is named beside the speech as saying it."""
    for named in names:
        before, after = named.end <= start <= named.end + _REACH, end <= named.start <= end + _REACH
        follows = after and _BEFORE_NAME.match(prose.narration, end, named.start)
        if follows or ((before or after) and _AFTER_NAME.match(prose.narration, named.end)):
            return named.entity_id
    return None


def _is_later(canon: Canon, known: Knowledge, moment: StoryPosition) -> bool:
    scene = canon.document_by_id.get(known.source_scene or "")
    if moment.when is not None and bounds_of(known.since).earliest >= moment.when.end.latest:
        return True
    return scene is not None and moment.reading_order is not None and scene.reading_order > moment.reading_order


def _tells(speech: str, subject: Entity, fact: Fact) -> bool:
    value = str(fact.value).strip()
    names = [subject.name, *(alias.text for alias in subject.aliases), subject.name.split()[0]]
    return len(value) >= _FEWEST_LETTERS and _holds(speech, value) and any(_holds(speech, name) for name in names)


def _holds(text: str, words: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text, re.IGNORECASE) is not None
