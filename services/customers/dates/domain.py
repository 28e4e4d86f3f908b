"""Important dates (domain 2.1): days that come again each year, by the solar or the lunar calendar.

What a year lacks is kept the day before, or in the ordinary month: the 29th of February on the 28th, the 30th of a
short lunar month on its 29th, a day of a leap month in the ordinary month of a year without it.
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Final, Literal
from uuid import UUID

from tyme4py.lunar import LunarMonth, LunarYear

from services.customers.changes.domain import Change
from shared.errors import Conflict, Invalid, NotFound

Occasion = Literal["birthday", "wedding", "opening"]
Calendar = Literal["solar", "lunar"]
OF_STORES: Final = ("opening",)
"""What a store has; the others are of people, and nobody's business who does not keep up relations with them."""
LEAP_MONTHS: Final = range(2, 12)
"""Lunar months that have been or will be leap months from 1900 to 2100: never the first, never the twelfth."""
EARLIEST_YEAR: Final = 1900
LONGEST: Final = timedelta(days=366)
"""How many days a list of dates covers at most."""
KEPT_YEARS: Final = 3
"""For how many years days are kept: the running one, the next, and one more, so that none is missing at the turn."""


class NoSuchDay(Invalid):
    slug = "no-such-day"
    title = "The calendar has no such day"


class DateNotFound(NotFound):
    slug = "date-not-found"
    title = "There is no such date"


class DateStands(Conflict):
    slug = "date-stands"
    title = "This date is known already; change it"


class OccasionRefused(Invalid):
    slug = "occasion-refused"
    title = "Nobody of this kind has such an occasion"


class PeriodRefused(Invalid):
    slug = "period-refused"
    title = "Dates are not listed for this period"


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day of a calendar, in the year in which it was first, where that is known. Lunar years are called by the solar
    year in which they begin."""

    calendar: Calendar
    month: int
    day: int
    leap: bool = False
    """Whether it lies in the leap month that follows the lunar month of this number."""
    year: int | None = None

    def written(self) -> str:
        """As the history says it: 1985-10-01, --10-01 without a year, `lunar 1985-10-01` by the lunar calendar, and
        `lunar 1985-10-01 leap` in its leap month."""
        year = "-" if self.year is None else f"{self.year:04}"
        words = ("lunar" if self.calendar == "lunar" else "", f"{year}-{self.month:02}-{self.day:02}")
        return " ".join(word for word in (*words, "leap" if self.leap else "") if word)


@dataclass(frozen=True, slots=True)
class ImportantDate:
    """A date of a customer's, or of somebody of theirs."""

    id: UUID
    version: int
    customer_id: UUID
    person_id: UUID | None
    occasion: Occasion
    day: CalendarDay

    @property
    def whose(self) -> UUID:
        return self.person_id or self.customer_id

    @property
    def personal(self) -> bool:
        return self.occasion not in OF_STORES


def history_of(entry: ImportantDate, before: CalendarDay | None, after: CalendarDay | None) -> Change:
    """What the customer's history keeps of a date that was entered, changed or removed."""
    was, now = (day and day.written() for day in (before, after))
    return Change(f"date.{entry.occasion}", was, now, about=entry.id, personal=entry.personal)


@dataclass(frozen=True, slots=True)
class Falls:
    """That a date falls on a day, after so many years where its first year is known."""

    on: date
    years: int | None


@dataclass(frozen=True, slots=True)
class Period:
    """Both days belong to it."""

    first: date
    last: date


def check(day: CalendarDay, today: date) -> None:
    """Raises NoSuchDay, also for a day that has not been yet."""
    if day.year is not None and not EARLIEST_YEAR <= day.year <= today.year:
        raise NoSuchDay(f"a year lies between {EARLIEST_YEAR} and {today.year}", pointer="#/year")
    first = _first_solar(day) if day.calendar == "solar" else _first_lunar(day)
    if day.year is not None and first > today:
        raise NoSuchDay("it has not been yet", pointer="#/year")


def falls(day: CalendarDay, year: int) -> Iterator[Falls]:
    """On which days of a solar year it falls: one of a solar date; none, one or two of a lunar one."""
    if day.calendar == "solar":
        yield Falls(date(year, day.month, min(day.day, _days(year, day.month))), _since(day, year))
        return
    for lunar_year in (year - 1, year):
        on = lunar_day(day, lunar_year)
        if on.year == year:
            yield Falls(on, _since(day, lunar_year))


def next_after(day: CalendarDay, after: date) -> Falls:
    """The first time that it falls after a day."""
    coming = (each for year in range(after.year, after.year + KEPT_YEARS) for each in falls(day, year))
    return next(each for each in coming if each.on > after)


def next_from(day: CalendarDay, since: date) -> Falls:
    """The same with that day itself."""
    return next_after(day, since - timedelta(days=1))


def lunar_day(day: CalendarDay, lunar_year: int) -> date:
    """On which solar day a lunar date is kept in a lunar year."""
    first, length = _lunar_month(lunar_year, day.month, leap=day.leap and _leap_month(lunar_year) == day.month)
    return first + timedelta(days=min(day.day, length) - 1)


def check_period(period: Period, today: date) -> None:
    """Raises PeriodRefused for a period whose days are not kept."""
    if not period.first <= period.last <= period.first + LONGEST:
        raise PeriodRefused(f"a period has 1 to {LONGEST.days + 1} days", pointer="query/to")
    if period.first.year < today.year:
        raise PeriodRefused("it begins in the running year at the earliest", pointer="query/from")
    if period.last.year > today.year + 1:
        raise PeriodRefused("it ends in the next year at the latest", pointer="query/to")


def _first_solar(day: CalendarDay) -> date:
    if day.leap:
        raise NoSuchDay("the solar calendar has leap days, no leap months", pointer="#/leap")
    year = 2000 if day.year is None else day.year
    if day.day > _days(year, day.month):
        raise NoSuchDay(f"month {day.month} has {_days(year, day.month)} days{_in(day)}", pointer="#/day")
    return date(year, day.month, day.day)


def _first_lunar(day: CalendarDay) -> date:
    if day.day > 30:
        raise NoSuchDay("a lunar month has 30 days at most", pointer="#/day")
    if day.leap and day.month not in LEAP_MONTHS:
        raise NoSuchDay(f"no year from 1900 to 2100 has a leap month {day.month}", pointer="#/leap")
    if day.year is None:
        return date.min
    if day.leap and _leap_month(day.year) != day.month:
        raise NoSuchDay(f"the lunar year {day.year} has {_leap_told(day.year)}", pointer="#/leap")
    first, length = _lunar_month(day.year, day.month, leap=day.leap)
    if day.day > length:
        raise NoSuchDay(f"this lunar month of {day.year} has {length} days", pointer="#/day")
    return first + timedelta(days=day.day - 1)


def _in(day: CalendarDay) -> str:
    return "" if day.year is None else f" in {day.year}"


def _leap_told(year: int) -> str:
    month = _leap_month(year)
    return f"a leap month {month} alone" if month else "no leap month"


def _since(day: CalendarDay, year: int) -> int | None:
    return None if day.year is None else year - day.year


def _days(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


@cache
def _leap_month(lunar_year: int) -> int:
    """The number of the leap month of a lunar year; 0 where it has none."""
    return int(LunarYear.from_year(lunar_year).get_leap_month())


@cache
def _lunar_month(lunar_year: int, month: int, *, leap: bool) -> tuple[date, int]:
    """The first day of a lunar month, and how many it has."""
    found = LunarMonth.from_ym(lunar_year, -month if leap else month)
    first = found.get_first_julian_day().get_solar_day()
    return date(first.get_year(), first.get_month(), first.get_day()), int(found.get_day_count())
