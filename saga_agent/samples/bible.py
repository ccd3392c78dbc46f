"""The shape of a sample bible: what a writer knows of the story, with the words that say so."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from saga_agent.domain.entity import EntityType
from saga_agent.domain.record import JsonObject, Model


class SampleEntity(Model):
    """Somebody or something of the story; the id is a slug such as `tove-askel`."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    type: EntityType
    name: str = Field(min_length=1)
    aliases: tuple[str, ...] = ()
    summary: str = Field(min_length=1)
    fields: JsonObject = Field(default_factory=dict)


class SampleRelationship(Model):
    """A tie between two entities; its sign makes allies (1) or enemies (-1)."""

    source: str
    target: str
    type: str
    directed: bool
    sign: Literal[-1, 0, 1]
    strength: float = Field(ge=0, le=1)
    secret_from: tuple[str, ...] = ()
    note: str = ""


class SampleKnowledge(Model):
    """Who knows a fact, and from which chapter on."""

    who: str
    state: Literal["knows", "suspects", "wrongly believes"]
    since_chapter: int = Field(ge=1)


class SampleFact(Model):
    """One statement of the story, with the chapter and the verbatim words it rests on."""

    id: str
    subject: str
    predicate: str
    value: JsonValue
    chapter: int = Field(ge=1)
    quote: str = Field(min_length=1)
    truth: Literal["canon", "belief", "lie", "rumour"]
    holder: str | None = None
    """Whose belief, lie or rumour it is."""
    known_by: tuple[SampleKnowledge, ...] = ()
    when: str | None = None
    """The in-world date as a phrase, in the calendar's own words."""


class Month(Model):
    """A month and its length."""

    name: str
    days: int = Field(ge=1)


class IntercalaryDay(Model):
    """A day that belongs to no month."""

    name: str
    after_month: str


class SampleDate(Model):
    """A date of the sample's calendar: a day of a month, or a named day outside the months."""

    year: int
    month: str | None = None
    day: int | None = None
    day_name: str | None = None


class SampleCalendar(Model):
    """The story's own calendar and the days between which it plays."""

    id: str
    name: str
    months: tuple[Month, ...]
    intercalary_days: tuple[IntercalaryDay, ...]
    leap_rule: str | None
    days_per_year: int
    story_start: SampleDate
    story_end: SampleDate


class Route(Model):
    """A way between two places by one means of travel, as the text gives it."""

    source: str
    target: str
    mode: str
    distance_miles: float | None
    """None where the text gives the days alone."""
    days: float
    chapter: int = Field(ge=1)


class ChapterQuote(Model):
    """Verbatim words and the chapter they stand in."""

    chapter: int = Field(ge=1)
    quote: str = Field(min_length=1)


class PlantedContradiction(Model):
    """A contradiction put into the story on purpose, for checks to find."""

    id: str
    kind: Literal["attribute", "travel_time"]
    subject: str
    message: str
    facts: tuple[str, ...]
    quotes: tuple[ChapterQuote, ...]


class OpenEnd(Model):
    """Something the story leaves for the writer to decide."""

    id: str
    subject: str
    chapter: int = Field(ge=1)
    question: str


class SampleBible(Model):
    """The whole bible of the sample story; ids refer to `entities`, except `PlantedContradiction.facts`."""

    title: str
    language: str
    entities: tuple[SampleEntity, ...]
    relationships: tuple[SampleRelationship, ...]
    facts: tuple[SampleFact, ...]
    calendar: SampleCalendar
    routes: tuple[Route, ...]
    contradictions: tuple[PlantedContradiction, ...]
    open_ends: tuple[OpenEnd, ...]
