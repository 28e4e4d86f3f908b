"""Making a calendar: of given hours and of the public holidays that are known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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

BUILT_IN: Final = 0
"""The version of a calendar that is not written down yet."""


@dataclass(frozen=True, slots=True)
class NewCalendar:
    """A calendar as somebody wants it; `zone` None is the company's.

    `years` are those whose public holidays are all among the days, None where there are none to be given.
    """

    week: Week
    days: Mapping[date, Day] = field(default_factory=dict)
    zone: ZoneInfo | None = None
    public_holidays: bool = False
    years: frozenset[int] | None = None


def new_calendar(name: str, version: int, zone: ZoneInfo, wanted: NewCalendar) -> Calendar:
    """A calendar with the public holidays that are known; the days that are given hold where they say otherwise.

    A make-up day has the hours of a Monday. `zone` is the company's. Raises CalendarRefused.
    """
    week, given, years = wanted.week, wanted.days, wanted.years
    for place, day in [*(("week", day) for day in week), *(("days", day) for day in given.values())]:
        check_day(day, pointer=f"#/{place}")
    if length_of(week) < SHORTEST_WEEK:
        raise CalendarRefused("a week has at least eight working hours", pointer="#/week")
    public: dict[date, Day] = {}
    if wanted.public_holidays:
        holidays = public_holidays.chinese()
        public = dict.fromkeys(holidays.holidays, ()) | dict.fromkeys(holidays.make_up_days, week[0])
        years = holidays.years | (years or frozenset())
    days = {day: hours for day, hours in sorted((public | dict(given)).items()) if hours != week[day.weekday()]}
    return Calendar(name, version, wanted.zone or zone, week, days, years)


def working_hours(zone: ZoneInfo, version: int = BUILT_IN) -> Calendar:
    """The built-in calendar: Monday to Friday from nine to six in the company's zone, without China's public holidays,
    with its make-up days."""
    return new_calendar(WORKING_HOURS, version, zone, NewCalendar(OFFICE_WEEK, public_holidays=True))
