"""What may confuse a reader: pronouns with two owners, dialogue without speakers, names that look alike."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from saga_agent.analyses.cast import Named, people
from saga_agent.analyses.findings import finding
from saga_agent.analyses.names import is_mixed_up, is_taken_for
from saga_agent.analyses.prose import Prose
from saga_agent.analyses.sentences import Span
from saga_agent.domain.finding import Finding

_PRONOUN = {"she": "f", "her": "f", "hers": "f", "he": "m", "him": "m", "his": "m"}
_OPENING_PRONOUN = re.compile(r"\s*(She|He|Her|His)\b")
_MOST_LINES = 6
_ARTICLE = re.compile(r"^(?:the|an?)\b\s*", re.IGNORECASE)


def ambiguous_pronouns(prose: Prose, cast: Sequence[Named]) -> Iterator[Finding]:
    """Each sentence that opens with a pronoun after one that names two whom it fits."""
    persons = people(cast)
    for before, sentence in pairwise(prose.sentences):
        opening = _OPENING_PRONOUN.match(prose.narration, sentence[0])
        if opening is None or opening.end() > sentence[1] or "\n\n" in prose.plain[before[1] : sentence[0]]:
            continue
        gender = _PRONOUN[opening[1].lower()]
        fitting = {each.who: each.surface for each in _within(persons, before) if each.gender == gender}
        if len(fitting) > 1 and not any(each.gender == gender for each in _within(persons, sentence)):
            names = " or ".join(list(fitting.values())[:3])
            yield finding(
                "clarity.ambiguous_pronoun",
                f"{opening[1]!r} may mean {names}.",
                evidence=[prose.evidence(before[0], sentence[1])],
                certainty="possible",
                subjects=[each.entity_id for each in _within(persons, before) if each.entity_id],
            )


def unattributed_dialogue(prose: Prose) -> Iterator[Finding]:
    """Each run of more than six paragraphs that are dialogue alone."""
    run: list[Span] = []
    for start, end in [*prose.paragraphs, (len(prose.text), len(prose.text))]:
        if start < end and _is_dialogue_alone(prose, start, end):
            run.append((start, end))
            continue
        if len(run) > _MOST_LINES:
            yield finding(
                "clarity.unattributed_dialogue",
                f"{len(run)} lines of dialogue pass and nobody is named as speaking.",
                evidence=[prose.evidence(*run[0])],
                data={"lines": len(run), "until": run[-1][1] + prose.offset},
            )
        run = []


def look_alike_names(prose: Prose, cast: Sequence[Named]) -> Iterator[Finding]:
    """Each pair of people whose names readers mix up, where they are first named."""
    first = {each.who: each for each in reversed(people(cast)) if _proper(each.surface)}
    for one, other in combinations(sorted(first.values(), key=lambda each: each.start), 2):
        names = _proper(one.surface), _proper(other.surface)
        if names[0] != names[1] and (is_taken_for(*names) or is_mixed_up(*names)):
            yield finding(
                "clarity.look_alike_names",
                f"{one.surface} and {other.surface} look alike on the page.",
                subjects=[each.entity_id for each in (one, other) if each.entity_id],
                evidence=[prose.evidence(one.start, one.end), prose.evidence(other.start, other.end)],
            )


def _within(persons: Sequence[Named], span: Span) -> list[Named]:
    return [each for each in persons if span[0] <= each.start < span[1]]


def _proper(surface: str) -> str:
    """The name without its article; empty for a description such as "the child"."""
    bare = _ARTICLE.sub("", surface, count=1)
    return bare if bare[:1].isupper() else ""


def _is_dialogue_alone(prose: Prose, start: int, end: int) -> bool:
    begins = prose.plain[start:end].lstrip()[:1]
    return begins in ('"', "“", "‘", "«") and not any(char.isalnum() for char in prose.narration[start:end])
