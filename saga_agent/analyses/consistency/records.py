"""The records themselves: names with two owners, references to nothing, dates that the calendar does not have."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from pydantic import JsonValue

from saga_agent.analyses.calendar_entry import read_date
from saga_agent.analyses.consistency.canon import Canon
from saga_agent.analyses.consistency.spans import overlap, span_of
from saga_agent.analyses.findings import finding
from saga_agent.domain.entity import Alias, Entity
from saga_agent.domain.finding import Finding
from saga_agent.domain.time import StoryInterval

_DATED = frozenset(
    {
        "born",
        "birth",
        "birth_date",
        "date_of_birth",
        "died",
        "death",
        "death_date",
        "date_of_death",
        "date",
        "when",
        "founded",
        "start",
        "end",
        "since",
        "until",
        "from",
        "deadline",
        "crowned",
        "married",
    }
)


def check_aliases(canon: Canon) -> Iterator[Finding]:
    """Each name that two entities go by at one time; namesakes that need their case to match are kept apart by it."""
    for name, owners in sorted(canon.owners.items()):
        for one, other in combinations(owners, 2):
            if _share(one, other, name):
                yield finding(
                    "alias.clash",
                    f"{one.name} ({one.type}) and {other.name} ({other.type}) both go by {name!r}.",
                    subjects=[one.id, other.id],
                    data={"name": name},
                )


def check_references(canon: Canon) -> Iterator[Finding]:
    """Each record that refers to an entity or a document that does not exist."""
    for record_id, what, missing in _references(canon):
        if missing is not None and missing not in canon.by_id and missing not in canon.document_by_id:
            yield finding(
                "reference.dangling",
                f"The {what} of {record_id} refers to {missing}, which does not exist.",
                subjects=[record_id, missing],
                data={"what": what},
            )


def check_dates(canon: Canon) -> Iterator[Finding]:
    """Each date in facts and fields that the project's calendar does not have; silent without a calendar."""
    if canon.calendar is None:
        return
    for subject, record_id, key, value in _dates(canon):
        date = read_date(value)
        if date is not None and (problem := canon.calendar.problem(date)):
            yield finding(
                "date.invalid",
                f"{canon.name(subject)}, {key}: {problem}.",
                subjects=[subject],
                data={"record_id": record_id, "key": key, "value": value},
            )


def _forms(entity: Entity, name: str) -> Iterator[Alias]:
    if entity.name.strip().casefold() == name:
        yield Alias(text=entity.name)
    yield from (alias for alias in entity.aliases if alias.text.strip().casefold() == name)


def _share(one: Entity, other: Entity, name: str) -> bool:
    for first in _forms(one, name):
        for second in _forms(other, name):
            by_case = first.text != second.text and (first.case_sensitive or second.case_sensitive)
            if not by_case and overlap(span_of(first.valid), span_of(second.valid)):
                return True
    return False


def _references(canon: Canon) -> Iterator[tuple[str, str, str | None]]:
    """Records with the ids they hold, and what these are."""
    for tie in canon.relationships:
        yield tie.id, "source", tie.source_id
        yield tie.id, "target", tie.target_id
    for fact in canon.facts:
        if fact.status == "accepted":
            yield fact.id, "subject", fact.subject_id
            yield fact.id, "holder", fact.holder_id
            for known in fact.known_by:
                yield fact.id, "knower", known.who
    for head in canon.documents:
        yield head.id, "point of view", head.pov_id
        yield head.id, "place", head.place_id
        yield head.id, "narrator", head.narrator_id
        yield head.id, "parent", head.parent_id


def _dates(canon: Canon) -> Iterator[tuple[str, str, str, JsonValue]]:
    for fact in canon.accepted:
        if fact.predicate.strip().lower() in _DATED or isinstance(fact.value, dict):
            yield fact.subject_id, fact.id, fact.predicate, fact.value
        yield from ((fact.subject_id, fact.id, fact.predicate, phrase) for phrase in _phrases(fact.valid))
    for entity in canon.entities:
        if entity.type == "calendar":
            continue
        for key, value in entity.fields.items():
            if key.strip().lower() in _DATED or isinstance(value, dict):
                yield entity.id, entity.id, key, value
        for interval in entity.existence:
            yield from ((entity.id, entity.id, "existence", phrase) for phrase in _phrases(interval))


def _phrases(interval: StoryInterval) -> Iterator[str]:
    return (value.phrase for value in (interval.start, interval.end) if value is not None and value.phrase)
