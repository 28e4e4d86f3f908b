"""Dates by the solar and the lunar calendar, held to the tables of the Hong Kong Observatory (cnlunar has them)."""

from datetime import date, datetime, time, timedelta

import pytest
from cnlunar.lunar import Lunar
from hypothesis import given
from hypothesis import strategies as some

from services.customers.dates.domain import (
    LEAP_MONTHS,
    CalendarDay,
    Falls,
    NoSuchDay,
    Period,
    PeriodRefused,
    check,
    check_period,
    falls,
    lunar_day,
    next_after,
)

TODAY = date(2026, 11, 4)


def converted(day: date) -> CalendarDay:
    """A day's lunar date alone: what else the library tells of a day takes a hundred times as long."""
    of = Lunar.__new__(Lunar)
    of.date, of.isLunarLeapMonth = datetime.combine(day, time(12)), False
    year, month, number = of.get_lunarDateNum()
    return CalendarDay("lunar", month, number, bool(of.isLunarLeapMonth), year)


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def test_both_libraries_agree_on_every_day_from_1930_to_2035() -> None:
    """The astronomical computation (tyme4py) and the published tables differ on no day of it.

    The first on which they do is 28 September 2057: a new moon within seconds of midnight, for which older tables begin
    the ninth month a day before GB/T 33661-2017 does.
    """
    asked = days(date(1930, 1, 1), date(2035, 12, 31))
    assert len(asked) == 38_716
    told = ((day, converted(day)) for day in asked)
    assert [(day, lunar) for day, lunar in told if lunar_day(lunar, lunar.year or 0) != day] == []


def test_they_differ_in_one_month_of_2057_alone() -> None:
    asked = days(date(2036, 1, 1), date(2060, 12, 31))
    told = ((day, converted(day)) for day in asked)
    other = [day for day, lunar in told if lunar_day(lunar, lunar.year or 0) != day]
    assert (other[0], other[-1], len(other)) == (date(2057, 9, 28), date(2057, 10, 26), 29)


def lunar(month: int, day: int, *, leap: bool = False, year: int | None = None) -> CalendarDay:
    return CalendarDay("lunar", month, day, leap, year)


def solar(month: int, day: int, year: int | None = None) -> CalendarDay:
    return CalendarDay("solar", month, day, year=year)


@pytest.mark.parametrize(
    "day, after, on",
    [
        (solar(11, 5), TODAY, date(2026, 11, 5)),
        (solar(11, 4), TODAY, date(2027, 11, 4)),
        (solar(2, 29), TODAY, date(2027, 2, 28)),
        (solar(2, 29), date(2027, 12, 31), date(2028, 2, 29)),
        (lunar(1, 1), TODAY, date(2027, 2, 6)),
        (lunar(8, 15), TODAY, date(2027, 9, 15)),
        (lunar(12, 30), TODAY, date(2027, 2, 5)),  # the twelfth month of 2026 has 29 days
        (lunar(6, 1, leap=True), date(2024, 12, 31), date(2025, 7, 25)),  # 2025 has a leap month 6
        (lunar(6, 1, leap=True), date(2025, 12, 31), date(2026, 7, 14)),  # 2026 has none: its ordinary one
        (lunar(11, 30, leap=True), date(2033, 12, 31), date(2034, 1, 19)),
    ],
)  # fmt: skip
def test_what_a_year_lacks_is_kept_where_it_is_kept(day: CalendarDay, after: date, on: date) -> None:
    assert next_after(day, after).on == on


def test_a_lunar_date_falls_twice_in_one_year_and_not_in_another() -> None:
    day = lunar(12, 1, year=1990)
    assert [each.on for each in falls(day, 2019)] == [date(2019, 1, 6), date(2019, 12, 26)]
    assert [each.on for each in falls(day, 2020)] == []
    assert list(falls(day, 2021)) == [Falls(date(2021, 1, 13), 30)]


@pytest.mark.parametrize(
    "day, told",
    [
        (solar(2, 30), "month 2 has 29 days"),
        (solar(4, 31), "month 4 has 30 days"),
        (solar(2, 29, 1999), "month 2 has 28 days in 1999"),
        (solar(11, 5, 2026), "it has not been yet"),
        (solar(1, 1, 1899), "a year lies between 1900 and 2026"),
        (CalendarDay("solar", 4, 1, leap=True), "the solar calendar has leap days, no leap months"),
        (lunar(1, 31), "a lunar month has 30 days at most"),
        (lunar(12, 1, leap=True), "no year from 1900 to 2100 has a leap month 12"),
        (lunar(4, 1, leap=True, year=1990), "the lunar year 1990 has a leap month 5 alone"),
        (lunar(4, 1, leap=True, year=1991), "the lunar year 1991 has no leap month"),
        (lunar(3, 30, year=1990), "this lunar month of 1990 has 29 days"),
        (lunar(12, 1, year=2026), "it has not been yet"),
    ],
)
def test_a_day_that_is_none_is_refused_clearly(day: CalendarDay, told: str) -> None:
    with pytest.raises(NoSuchDay) as refused:
        check(day, TODAY)
    assert refused.value.detail == told


@pytest.mark.parametrize(
    "day", [solar(2, 29), solar(2, 29, 2000), lunar(1, 30), lunar(5, 30, leap=True), lunar(5, 29, leap=True, year=1990)]
)
def test_a_day_that_is_one_is_taken(day: CalendarDay) -> None:
    check(day, TODAY)


def test_every_month_that_may_be_a_leap_month_is_one_once() -> None:
    told = {day.month for year in range(1901, 2099) for day in leap_days(year)}
    assert told == set(LEAP_MONTHS)


def leap_days(year: int) -> list[CalendarDay]:
    found = (converted(date(year, 1, 1) + timedelta(days=n)) for n in range(0, 365, 25))
    return [day for day in found if day.leap]


DAYS = some.builds(
    lambda calendar, month, day, leap: CalendarDay(calendar, month, day, leap and calendar == "lunar"),
    some.sampled_from(["solar", "lunar"]),
    some.integers(1, 12),
    some.integers(1, 28),
    some.booleans(),
)


@given(DAYS, some.dates(date(1950, 1, 1), date(2090, 1, 1)))
def test_the_next_time_comes_within_thirteen_months_and_is_a_day_of_its_year(day: CalendarDay, after: date) -> None:
    coming = next_after(day, after)
    assert after < coming.on <= after + timedelta(days=385)
    assert coming in list(falls(day, coming.on.year))


@pytest.mark.parametrize(
    "from_, to",
    [
        (date(2026, 11, 5), TODAY),
        (date(2025, 12, 31), TODAY),
        (date(2027, 12, 1), date(2028, 1, 1)),
        (TODAY, TODAY + timedelta(days=367)),
    ],
)
def test_a_period_that_is_not_kept_is_refused(from_: date, to: date) -> None:
    with pytest.raises(PeriodRefused):
        check_period(Period(from_, to), TODAY)
