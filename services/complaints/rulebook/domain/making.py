"""Making a calendar: of given hours and of the public holidays that are known."""

from collections.abc import Mapping
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from services.complaints.rulebook.domain import public_holidays
from services.complaints.rulebook.domain.calendar import WORKING_HOURS, Calendar
from services.complaints.rulebook.domain.hours import (
    OFFICE_WEEK,
    SHORTEST_WEEK,
    CalendarRefused,
    Day,
    Week,
    check_day,
    length_of,
)
from services.complaints.rulebook.domain.public_holidays import Holidays

BUILT_IN: Final = 0
"""The version of a calendar that is not written down yet."""


def new_calendar(
    name: str,
    version: int,
    zone: ZoneInfo,
    week: Week,
    given: Mapping[date, Day],
    *,
    holidays: Holidays | None = None,
    years: frozenset[int] | None = None,
) -> Calendar:
    """A calendar with the public holidays that are known; the days that are given hold where they say otherwise.

    A make-up day has the hours of a Monday. `years` are those whose public holidays are all among the given days, None
    where there are none to be given. Raises CalendarRefused.
    """
    for field, day in [*(("week", day) for day in week), *(("days", day) for day in given.values())]:
        check_day(day, pointer=f"#/{field}")
    if length_of(week) < SHORTEST_WEEK:
        raise CalendarRefused("a week has at least eight working hours", pointer="#/week")
    public: dict[date, Day] = {}
    if holidays is not None:
        public = dict.fromkeys(holidays.holidays, ()) | dict.fromkeys(holidays.make_up_days, week[0])
        years = holidays.years | (years or frozenset())
    days = {day: hours for day, hours in sorted((public | dict(given)).items()) if hours != week[day.weekday()]}
    return Calendar(name, version, zone, week, days, years)


def working_hours(zone: ZoneInfo, version: int = BUILT_IN) -> Calendar:
    """The built-in calendar: Monday to Friday from nine to six in the company's zone, without China's public holidays,
    with its make-up days."""
    return new_calendar(WORKING_HOURS, version, zone, OFFICE_WEEK, {}, holidays=public_holidays.chinese())
