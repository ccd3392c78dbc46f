"""What a passage claims, as read by a model, and how that stands against canon: the model reads, we judge."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, Protocol

from pydantic import Field, JsonValue

from saga_agent.analyses.consistency.canon import Canon
from saga_agent.analyses.consistency.facts import StoryPosition, is_same_value, values_at
from saga_agent.analyses.findings import fact_evidence, finding
from saga_agent.analyses.prose import Prose
from saga_agent.analyses.sentences import Span
from saga_agent.domain.entity import Entity, Fact
from saga_agent.domain.finding import Finding
from saga_agent.domain.record import Model

_MARKS = re.compile(r"[\s_-]+")
_COLOURS = re.compile(r"\b(colou?r)(?: of)?\b")


class Claim(Model):
    """One statement of a passage: who or what, which predicate, which value, and the words that say so."""

    subject: str = Field(min_length=1)
    predicate: str = Field(min_length=1)
    value: JsonValue
    quote: str = Field(min_length=1)
    """Verbatim from the passage; a claim whose quote is not there is dropped."""
    voice: Literal["narration", "speech", "thought"] = "narration"


class ClaimExtractor(Protocol):
    """Reads the claims out of a text; a language model behind it, or a script in tests."""

    async def extract(self, text: str, *, names: Sequence[str]) -> Sequence[Claim]:
        """The claims about these names; it may give none, and raises `ModelError` when it cannot read."""
        ...


def quoted_claims(prose: Prose, claims: Iterable[Claim]) -> list[tuple[Claim, Span]]:
    """The claims whose quotes stand in the passage word for word, with where; line breaks count as spaces."""
    found: list[tuple[Claim, Span]] = []
    for claim in claims:
        words = r"\s+".join(map(re.escape, claim.quote.split()))
        if words and (match := re.search(words, prose.text)):
            found.append((claim, match.span()))
    return found


def check_claims(
    canon: Canon, prose: Prose, claims: Iterable[tuple[Claim, Span]], moment: StoryPosition
) -> Iterator[Finding]:
    """Each claim that no value of canon at that moment agrees with; in speech and thought it may be a lie."""
    for claim, at in claims:
        subject = canon.resolve(claim.subject)
        if subject is None:
            continue
        known = _facts_about(canon, subject, claim.predicate)
        told = values_at(known, moment)
        values = [fact.value for fact in told] or ([] if known else _field_values(subject, claim.predicate))
        if values and not any(_agrees(canon, claim.value, value) for value in values):
            elsewhere = [fact for fact in known if fact not in told and _agrees(canon, claim.value, fact.value)]
            yield _contradiction(prose, claim, at, subject, values, told, elsewhere)


def normal_predicate(predicate: str) -> str:
    """A predicate for comparing: `Eye colour`, `eyes` and `eye_color` are one."""
    plain = _COLOURS.sub("", _MARKS.sub(" ", predicate.strip().casefold())).strip() or "colour"
    return plain[:-1] if plain.endswith("s") and not plain.endswith("ss") else plain


def _contradiction(
    prose: Prose,
    claim: Claim,
    at: Span,
    subject: Entity,
    values: Sequence[JsonValue],
    told: Sequence[Fact],
    elsewhere: Sequence[Fact],
) -> Finding:
    canon_says = " or ".join(dict.fromkeys(str(value) for value in values))
    message = f"{subject.name}: the text says {claim.predicate} = {claim.value}, canon says {canon_says} at this point."
    if elsewhere:
        message += f" It is {elsewhere[0].value} only at another time."
    spoken = claim.voice != "narration"
    return finding(
        "fact.contradiction",
        message,
        subjects=[subject.id],
        evidence=[prose.evidence(*at), *fact_evidence(*told, *elsewhere)],
        data={"voice": claim.voice, "claimed": claim.value, "canon": list(values)},
        severity="info" if spoken else None,
        certainty="possible" if spoken else "certain",
    )


def _facts_about(canon: Canon, subject: Entity, predicate: str) -> list[Fact]:
    groups: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in canon.facts_of.get(subject.id, ()):
        groups[normal_predicate(fact.predicate)].append(fact)
    return groups[normal_predicate(predicate)]


def _field_values(subject: Entity, predicate: str) -> list[JsonValue]:
    wanted = normal_predicate(predicate)
    return [
        each
        for key, value in subject.fields.items()
        if normal_predicate(key) == wanted
        for each in (value if isinstance(value, list) else [value])
        if each not in (None, "")
    ]


def _agrees(canon: Canon, claimed: JsonValue, value: JsonValue) -> bool:
    if is_same_value(claimed, value):
        return True
    one, other = canon.resolve(claimed), canon.resolve(value)
    if one is not None and other is not None:
        return one.id == other.id
    return str(claimed).strip().casefold() == str(value).strip().casefold()
