"""A story's own calendar."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saga_agent.analyses.calendar import Calendar, CalendarDate, CalendarStretch, LeapRule
from saga_agent.analyses.calendar_entry import read_calendar, read_date
from saga_agent.domain.entity import Entity
from saga_agent.errors import InvalidInput
from saga_agent.samples.story import load_sample_bible

TWELVE = tuple(CalendarStretch(name=f"Moon {number}", days=30) for number in range(1, 13))
FEASTS = Calendar(
    stretches=(*TWELVE, CalendarStretch(name="Feasts", days=5)), leap=LeapRule(every=4, month=13), week=("Work", "Rest")
)
MONTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
OURS = Calendar(
    stretches=tuple(CalendarStretch(name=str(number), days=days) for number, days in enumerate(MONTHS, 1)),
    leap=LeapRule(every=4, month=2, except_every=100, unless_every=400),
)


def test_the_first_day_of_year_one_follows_the_leap_year_zero() -> None:
    assert FEASTS.day_number(CalendarDate(1, 1, 1)) == 366


def test_the_sixth_feast_day_exists_in_leap_years_only() -> None:
    assert FEASTS.problem(CalendarDate(4, 13, 6)) is None
    assert FEASTS.problem(CalendarDate(1, 13, 6)) == "Feasts has 5 days in year 1, there is no day 6"


def test_dates_come_back_from_their_day_numbers_for_ten_thousand_years() -> None:
    for year in range(-5000, 5001):
        for date in (CalendarDate(year, 1, 1), CalendarDate(year, 7, 15), CalendarDate(year, 13, 5)):
            assert FEASTS.date(FEASTS.day_number(date)) == date


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_every_day_number_has_one_date(day: int) -> None:
    for calendar in (FEASTS, OURS):
        assert calendar.day_number(calendar.date(day)) == day


def test_exceptions_of_the_leap_rule_count_as_in_our_own_calendar() -> None:
    assert [OURS.is_leap(year) for year in (1900, 2000, 2023, 2024)] == [False, True, False, True]
    apart = OURS.day_number(CalendarDate(2000, 1, 1)) - OURS.day_number(CalendarDate(1600, 1, 1))
    assert apart == 146_097, "days in 400 years"


def test_days_outside_the_months_go_by_their_name() -> None:
    sample = load_sample_bible().calendar
    fields = {
        "months": [{"name": month.name, "days": month.days} for month in sample.months],
        "intercalary": [{"name": day.name, "after_month": day.after_month} for day in sample.intercalary_days],
    }
    aune = read_calendar(Entity(id="cal", project_id="p", type="calendar", name="Aune", fields=fields))

    assert aune.days_per_year == sample.days_per_year == 365
    last = aune.day_number(CalendarDate(212, "Crown Day"))
    assert last + 1 == aune.day_number(CalendarDate(213, "Icegang", 1))
    assert aune.date(last) == CalendarDate(212, "Crown Day", 1)
    assert aune.problem(CalendarDate(212, 11, 1)) == "there is no month 11; the year has 10"


def test_the_week_goes_on_through_the_years() -> None:
    assert [FEASTS.weekday(day) for day in (-1, 0, 1)] == ["Rest", "Work", "Rest"]
    assert OURS.weekday(3) is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "stretches"),
        ({"months": [{"name": "Ice", "days": "many"}]}, "days"),
        ({"months": [{"name": "Ice", "days": 0}]}, "at least one day"),
        ({"months": [{"name": "Ice", "days": 9}], "intercalary": [{"name": "Eve", "after_month": "Fire"}]}, "fire"),
        ({"months": [{"name": "Ice", "days": 9}], "leap": {"every": 4, "month": "Fire"}}, "Fire"),
    ],
)
def test_an_entry_that_is_no_calendar_says_what_is_wrong(fields: dict, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        read_calendar(Entity(id="cal", project_id="p", type="calendar", name="Odd", fields=fields))


def test_a_date_that_does_not_exist_has_no_day_number() -> None:
    with pytest.raises(InvalidInput, match="no month 14"):
        FEASTS.day_number(CalendarDate(1, 14, 1))


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ({"year": 112, "month": 3, "day": 14}, CalendarDate(112, 3, 14)),
        ("112-3-14", CalendarDate(112, 3, 14)),
        ("-5-01-02", CalendarDate(-5, 1, 2)),
        ("20 Slaughter 212", CalendarDate(212, "Slaughter", 20)),
        ("Ash Day 212", CalendarDate(212, "Ash Day", 1)),
        ("noon", None),
        (112, None),
        (None, None),
    ],
)
def test_dates_are_read_as_writers_put_them(value: object, date: CalendarDate | None) -> None:
    assert read_date(value) == date  # pyright: ignore[reportArgumentType]
