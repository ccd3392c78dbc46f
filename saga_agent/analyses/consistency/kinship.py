"""Parents and children: ages that cannot be, and births after a death."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Literal

from pydantic import JsonValue

from saga_agent.analyses.calendar import CalendarDate
from saga_agent.analyses.calendar_entry import read_date
from saga_agent.analyses.consistency.canon import Canon
from saga_agent.analyses.consistency.events import read_moment
from saga_agent.analyses.consistency.spans import Bounds, bounds_of
from saga_agent.analyses.findings import finding
from saga_agent.domain.entity import Entity
from saga_agent.domain.finding import Certainty, Finding

Role = Literal["mother", "father", "parent"]

YOUNGEST_PARENT_YEARS = 12
_AFTER_FATHERS_DEATH_DAYS = 300
_PARENT_TIES: dict[str, Role] = {
    "parent": "parent",
    "parent_of": "parent",
    "mother": "mother",
    "mother_of": "mother",
    "father": "father",
    "father_of": "father",
}
_CHILD_TIES = frozenset({"child", "child_of", "son_of", "daughter_of"})
_ROLES: dict[str, Role] = {"mother": "mother", "father": "father", "parent": "parent"}
_BIRTHS = ("born", "birth", "birth_date", "date_of_birth", "birth_year", "year_of_birth")
_DEATHS = ("died", "death", "death_date", "date_of_death", "death_year")


@dataclass(frozen=True, slots=True)
class Descent:
    """A parent and a child, and what says so."""

    parent: Entity
    child: Entity
    role: Role
    record_id: str


def check_kinship(canon: Canon) -> Iterator[Finding]:
    """Each parent who is too young for a child for certain, or perhaps; each birth after a parent's death."""
    for descent in descents(canon):
        yield from _ages(canon, descent)
        yield from _deaths(canon, descent)


def descents(canon: Canon) -> Iterator[Descent]:
    """Who is whose parent, by ties, by facts (`mother = Brida`) and by fields of the child."""
    for tie in canon.relationships:
        kind = tie.type.strip().lower().replace(" ", "_")
        source, target = canon.by_id.get(tie.source_id), canon.by_id.get(tie.target_id)
        if source and target and kind in _PARENT_TIES:
            yield Descent(source, target, _PARENT_TIES[kind], tie.id)
        if source and target and kind in _CHILD_TIES:
            yield Descent(target, source, "parent", tie.id)
    for child in canon.entities:
        said = [(fact.predicate, fact.value, fact.id) for fact in canon.facts_of.get(child.id, ())]
        said += [(role, child.fields.get(role), child.id) for role in ("mother", "father", "parent")]
        for predicate, value, record_id in said:
            parent = canon.resolve(value)
            role = _ROLES.get(predicate.strip().lower())
            if parent and role and parent.id != child.id:
                yield Descent(parent, child, role, record_id)


def birth_of(canon: Canon, entity: Entity) -> Bounds:
    """When somebody was born, in days: by the start of their existence, a fact or a field."""
    start = entity.existence[0].start if entity.existence else None
    return bounds_of(start) if start else _told(canon, entity, _BIRTHS)


def death_of(canon: Canon, entity: Entity) -> Bounds:
    """When somebody died, in days; nothing bounds it where nothing is said."""
    end = entity.existence[-1].end if entity.existence else None
    return bounds_of(end) if end else _told(canon, entity, _DEATHS)


def _ages(canon: Canon, descent: Descent) -> Iterator[Finding]:
    parent, child = birth_of(canon, descent.parent), birth_of(canon, descent.child)
    least, most = child.earliest - parent.latest, child.latest - parent.earliest
    youngest = YOUNGEST_PARENT_YEARS * canon.days_per_year
    if not (isfinite(least) and isfinite(most)) or least >= youngest:
        return
    certainty: Certainty = "certain" if most < youngest and not _is_other_species(descent.parent) else "possible"
    years = f"{most / canon.days_per_year:.3g}"
    told = f"is {years} years older than" if least == most else f"is at most {years} years older than"
    yield finding(
        "kinship.age",
        f"{descent.parent.name} {told} {descent.child.name}, whose {descent.role} they are.",
        subjects=[descent.parent.id, descent.child.id],
        data={"record_id": descent.record_id},
        certainty=certainty,
    )


def _deaths(canon: Canon, descent: Descent) -> Iterator[Finding]:
    death, birth = death_of(canon, descent.parent), birth_of(canon, descent.child)
    grace = 0 if descent.role == "mother" else _AFTER_FATHERS_DEATH_DAYS
    if birth.earliest - grace > death.latest:
        yield finding(
            "kinship.born_after_death",
            f"{descent.child.name} is born after the death of {descent.parent.name}.",
            subjects=[descent.parent.id, descent.child.id],
            data={"record_id": descent.record_id},
        )


def _is_other_species(entity: Entity) -> bool:
    species = str(entity.fields.get("species") or "human").strip().lower()
    return species not in ("human", "man", "woman", "person")


def _told(canon: Canon, entity: Entity, words: tuple[str, ...]) -> Bounds:
    said = [(fact.predicate.strip().lower(), fact.value) for fact in canon.facts_of.get(entity.id, ())]
    for key, value in [*said, *entity.fields.items()]:
        if key in words and (found := _days(canon, value)):
            return found
    return Bounds()


def _days(canon: Canon, value: JsonValue) -> Bounds | None:
    """A birth as days: a bare number is a year, and any day of it will do."""
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        start = canon.calendar.year_start(value) if canon.calendar else value * canon.days_per_year
        return Bounds(start, start + canon.days_per_year - 1)
    date = read_date(value)
    if date is not None and canon.calendar is not None:
        return None if canon.calendar.problem(date) else _exactly(canon.calendar.day_number(date))
    if date is not None:
        return _in_year(canon, date)
    moment = read_moment(value)
    return bounds_of(moment) if moment else None


def _in_year(canon: Canon, date: CalendarDate) -> Bounds:
    return Bounds(date.year * canon.days_per_year, (date.year + 1) * canon.days_per_year - 1)


def _exactly(day: int) -> Bounds:
    return Bounds(day, day)
