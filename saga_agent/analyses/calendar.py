"""A story's own calendar: day numbers from dates and back, for any year before or after the beginning.

Years count ... -1, 0, 1 ...; day 0 is the first day of year 0. All arithmetic is on whole numbers, so there is no
first or last year.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from pydantic import Field, model_validator

from saga_agent.domain.record import Model
from saga_agent.errors import InvalidInput

Month = int | str
"""A month by its number, from 1, or a stretch outside the months by its name."""


class CalendarStretch(Model):
    """A month, or a named stretch of days that belongs to no month, with its length in ordinary years."""

    name: str = Field(min_length=1)
    days: int = Field(ge=0)
    intercalary: bool = False


class LeapRule(Model):
    """Every how many years a month, or a stretch outside the months, has more days; exceptions as in our calendar."""

    every: int = Field(ge=1)
    month: Month
    days: int = Field(default=1, ge=1)
    except_every: int | None = Field(default=None, ge=1)
    unless_every: int | None = Field(default=None, ge=1)


@dataclass(frozen=True, slots=True)
class CalendarDate:
    """A date; months and days count from 1, and days outside the months go by the name of their stretch."""

    year: int
    month: Month
    day: int = 1


class Calendar(Model):
    """Months with their lengths, leap years, days outside the months, and the week."""

    stretches: tuple[CalendarStretch, ...] = Field(min_length=1)
    """The year in its order."""
    leap: LeapRule | None = None
    week: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Calendar:
        if self.days_per_year < 1:
            raise ValueError("a year needs at least one day")
        if self.leap is not None and self._position(self.leap.month) is None:
            raise ValueError(f"the leap rule names the month {self.leap.month!r}, which there is not")
        return self

    @cached_property
    def days_per_year(self) -> int:
        """The days of an ordinary year."""
        return sum(stretch.days for stretch in self.stretches)

    @cached_property
    def months_per_year(self) -> int:
        """The number of months, without the stretches outside them."""
        return sum(not stretch.intercalary for stretch in self.stretches)

    def is_leap(self, year: int) -> bool:
        """Whether the year has the leap days."""
        rule = self.leap
        if rule is None or year % rule.every:
            return False
        if rule.except_every is None or year % rule.except_every:
            return True
        return rule.unless_every is not None and year % rule.unless_every == 0

    def problem(self, date: CalendarDate) -> str | None:
        """Why the date does not exist, None when it does."""
        position = self._position(date.month)
        if position is None:
            return f"there is no month {date.month}; the year has {self.months_per_year}"
        length = self._days(date.year, position)
        if not 1 <= date.day <= length:
            return f"{self.stretches[position].name} has {length} days in year {date.year}, there is no day {date.day}"
        return None

    def day_number(self, date: CalendarDate) -> int:
        """The days since the first day of year 0; `InvalidInput` for a date that does not exist."""
        position = self._position(date.month)
        problem = self.problem(date)
        if position is None or problem is not None:
            raise InvalidInput(f"This date does not exist: {problem}.")
        return self.year_start(date.year) + sum(self._days(date.year, at) for at in range(position)) + date.day - 1

    def date(self, day_number: int) -> CalendarDate:
        """The date of a day number."""
        year = day_number // self.days_per_year
        longest = self.days_per_year + (self.leap.days if self.leap else 0)
        while (ahead := self.year_start(year) - day_number) > 0:
            year -= -(-ahead // longest)
        while (behind := day_number - self.year_start(year + 1)) >= 0:
            year += 1 + behind // longest
        rest, position = day_number - self.year_start(year), 0
        while rest >= (length := self._days(year, position)):
            rest, position = rest - length, position + 1
        return CalendarDate(year, self._months[position], rest + 1)

    def weekday(self, day_number: int) -> str | None:
        """The name of the day in the week, where the calendar has one; day 0 is the first."""
        return self.week[day_number % len(self.week)] if self.week else None

    def year_start(self, year: int) -> int:
        """The day number of the year's first day."""
        rule = self.leap
        if rule is None:
            return year * self.days_per_year
        leaps = _multiples_below(year, rule.every)
        if rule.except_every:
            skipped = math.lcm(rule.every, rule.except_every)
            leaps -= _multiples_below(year, skipped)
            if rule.unless_every:
                leaps += _multiples_below(year, math.lcm(skipped, rule.unless_every))
        return year * self.days_per_year + leaps * rule.days

    @cached_property
    def _months(self) -> tuple[Month, ...]:
        """How each stretch is called in dates."""
        numbers = iter(range(1, len(self.stretches) + 1))
        return tuple(stretch.name if stretch.intercalary else next(numbers) for stretch in self.stretches)

    @cached_property
    def _positions(self) -> dict[Month, int]:
        by_name: dict[Month, int] = {stretch.name.casefold(): at for at, stretch in enumerate(self.stretches)}
        return by_name | {month: at for at, month in enumerate(self._months) if isinstance(month, int)}

    def _position(self, month: Month) -> int | None:
        return self._positions.get(month.strip().casefold() if isinstance(month, str) else month)

    def _days(self, year: int, position: int) -> int:
        extra = self.leap.days if self.leap and self._position(self.leap.month) == position else 0
        return self.stretches[position].days + (extra if self.is_leap(year) else 0)


def _multiples_below(year: int, step: int) -> int:
    """How many multiples of `step` lie in [0, year); minus those in [year, 0) for years before 0."""
    return -(-year // step)
