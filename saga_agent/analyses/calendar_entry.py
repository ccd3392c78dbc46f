"""The calendar that a bible entry describes, and the dates that fields and facts hold."""

from __future__ import annotations

import re
from typing import cast

from pydantic import JsonValue, ValidationError

from saga_agent.analyses.calendar import Calendar, CalendarDate, CalendarStretch
from saga_agent.domain.entity import Entity
from saga_agent.domain.misfits import misfit
from saga_agent.domain.record import JsonObject
from saga_agent.errors import InvalidInput

_NUMBERS = re.compile(r"\s*(-?\d{1,9})-(\d{1,3})-(\d{1,4})\s*")
_WORDS = re.compile(r"\s*(?:(\d{1,4})\.?\s+)?([^\W\d][^,]*?),?\s+(-?\d{1,9})\s*")


def read_calendar(entity: Entity) -> Calendar:
    """The calendar of a bible entry.

    Its fields: `months` (`{name, days}` each), `intercalary` (`{name, after_month, days}`, one day by default), `leap`
    (`{every, month, days, except_every, unless_every}`, the month by number or name), `week` (names of days).

    Raises: `InvalidInput` saying what is wrong with it.
    """
    fields = entity.fields
    try:
        year: list[CalendarStretch] = []
        between = _intercalary(fields)
        for month in _objects(fields.get("months")):
            stretch = CalendarStretch.model_validate({"name": month.get("name"), "days": month.get("days")})
            year += [stretch, *between.pop(stretch.name.casefold(), [])]
        if between:
            raise InvalidInput(
                f"The calendar {entity.name!r} cannot be used: there is no month {next(iter(between))!r} "
                "to put days after."
            )
        return Calendar.model_validate(
            {"stretches": year, "leap": fields.get("leap"), "week": fields.get("week") or ()}
        )
    except ValidationError as error:
        raise InvalidInput(f"The calendar {entity.name!r} cannot be used: {misfit(error, within='it')}.") from None


def read_date(value: JsonValue) -> CalendarDate | None:
    """The date that a value holds: `{year, month, day}`, "112-3-14", "14 Highwater 201", "Ash Day 212"; else None."""
    if isinstance(value, dict):
        year, month, day = value.get("year"), value.get("month", value.get("day_name")), value.get("day", 1)
        if isinstance(year, int) and isinstance(month, int | str) and isinstance(day, int):
            return CalendarDate(year, month, day)
        return None
    if not isinstance(value, str):
        return None
    if found := _NUMBERS.fullmatch(value):
        return CalendarDate(int(found[1]), int(found[2]), int(found[3]))
    if found := _WORDS.fullmatch(value):
        return CalendarDate(int(found[3]), found[2], int(found[1] or 1))
    return None


def _intercalary(fields: JsonObject) -> dict[str, list[CalendarStretch]]:
    """The stretches outside the months, by the month they follow in small letters."""
    after: dict[str, list[CalendarStretch]] = {}
    for each in _objects(fields.get("intercalary", fields.get("intercalary_days"))):
        stretch = CalendarStretch.model_validate(
            {"name": each.get("name"), "days": each.get("days", 1), "intercalary": True}
        )
        after.setdefault(str(each.get("after_month", "")).strip().casefold(), []).append(stretch)
    return after


def _objects(value: JsonValue) -> list[JsonObject]:
    return [cast(JsonObject, each) for each in value if isinstance(each, dict)] if isinstance(value, list) else []
