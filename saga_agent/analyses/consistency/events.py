"""Events of the bible: when, where, who takes part, and with which items."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pydantic import JsonValue, ValidationError

from saga_agent.analyses.calendar import Calendar
from saga_agent.analyses.calendar_entry import read_date
from saga_agent.analyses.consistency.spans import Span, moment_span
from saga_agent.domain.entity import Entity
from saga_agent.domain.time import StoryInterval, TimeValue


@dataclass(frozen=True, slots=True)
class Event:
    """An event; what its entry does not say is empty."""

    id: str
    name: str
    when: Span | None
    place_id: str | None
    participant_ids: tuple[str, ...]
    item_ids: tuple[str, ...]


def read_event(
    entity: Entity, resolve: Callable[[JsonValue], Entity | None], *, calendar: Calendar | None = None
) -> Event:
    """The event of an entry.

    It happens during its `existence`, or at `fields.when` (a day number, `{earliest, latest}`, a date of the
    calendar, or `{start, end}` of these), at `fields.where`; `fields.participants` is a list, or lists by role.
    """
    taking_part = [found.id for each in _references(entity.fields.get("participants")) if (found := resolve(each))]
    items = [found.id for each in _references(entity.fields.get("items")) if (found := resolve(each))]
    place = resolve(entity.fields.get("where"))
    interval = entity.existence[0] if entity.existence else read_interval(entity.fields.get("when"), calendar)
    return Event(
        entity.id,
        entity.name,
        moment_span(interval),
        place.id if place else None,
        tuple(dict.fromkeys(taking_part)),
        tuple(dict.fromkeys(items)),
    )


def read_interval(value: JsonValue, calendar: Calendar | None = None) -> StoryInterval | None:
    """A stretch of story time as fields hold it; None for what is none."""
    if isinstance(value, dict) and ("start" in value or "end" in value):
        return StoryInterval(
            start=read_moment(value.get("start"), calendar), end=read_moment(value.get("end"), calendar)
        )
    moment = read_moment(value, calendar)
    return StoryInterval(start=moment, end=moment) if moment else None


def read_moment(value: JsonValue, calendar: Calendar | None = None) -> TimeValue | None:
    """A moment of story time as fields hold it: a day number, bounds in days, or a date; None for what is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return TimeValue(earliest=value, latest=value)
    if calendar and (date := read_date(value)) and calendar.problem(date) is None:
        day = calendar.day_number(date)
        return TimeValue(earliest=day, latest=day)
    if not isinstance(value, dict) or not {"earliest", "latest"} & value.keys():
        return None
    try:
        return TimeValue.model_validate(value)
    except ValidationError:
        return None


def _references(value: JsonValue) -> Iterator[JsonValue]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _references(each.get("who", each.get("id")) if isinstance(each, dict) else each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _references(each)
