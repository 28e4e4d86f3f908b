"""Working calendars (domain 3.3): when a complaint's clock runs, where a policy does not let it run day and night.

Hours are meant as a wall in the calendar's zone shows them: a moment is working time exactly when the wall then shows
hours of its day. An hour that the wall skips in spring is nobody's, one that it shows twice in autumn counts twice.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from services.complaints.rulebook.domain.hours import DAY, Day, Week, length_of
from shared.errors import Invalid, NotFound

ALWAYS: Final = "always"
"""The name under which a policy asks for no calendar at all: the clock runs day and night."""
WORKING_HOURS: Final = "working_hours"
"""The calendar that is there from the start."""
WEEK: Final = timedelta(days=7)
_DAYS_ON_THE_WALL: Final = range(-1, 8)
"""Those that seven days of UTC can touch, counted from the first."""
Span: TypeAlias = tuple[datetime, datetime]
"""A half-open span of working time in UTC."""


class UnknownCalendar(Invalid):
    slug = "unknown-calendar"
    title = "There is no such calendar"


class CalendarNotFound(NotFound):
    slug = "no-such-calendar"
    title = "There is no such calendar"


class CalendarYearMissing(Invalid):
    slug = "calendar-year-missing"
    title = "The calendar does not know the public holidays of that year"


@dataclass(frozen=True, slots=True)
class Calendar:
    """A version of a calendar, never changed once kept. `days` have hours of their own, holidays none.

    `years` are those whose public holidays are among `days`; None where the calendar keeps no public holidays. In any
    other year the week alone counts: a clock is then rather due too early than too late.
    """

    name: str
    version: int
    zone: ZoneInfo
    week: Week
    days: Mapping[date, Day]
    years: frozenset[int] | None = None

    def after(self, moment: datetime, working: timedelta) -> datetime:
        """The first moment before which so much working time has passed since `moment`; both in UTC."""
        if not working:
            return moment
        left, day, a_week = working, moment.date(), length_of(self.week)
        while True:
            for start, end in self._spans_of(day, moment):
                if end - start >= left:
                    return start + left
                left -= end - start
            day += DAY
            while left > a_week and self._is_ordinary_week(day):
                left, day = left - a_week, day + WEEK

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from one moment to a later one; nothing when it is not later."""
        passed, day, a_week = timedelta(), start.date(), length_of(self.week)
        while day <= end.date():
            for begins, ends in self._spans_of(day, start):
                passed += max(min(ends, end) - begins, timedelta())
            day += DAY
            while day + WEEK <= end.date() and self._is_ordinary_week(day):
                passed, day = passed + a_week, day + WEEK
        return passed

    def check_year(self, moment: datetime) -> None:
        """Raises CalendarYearMissing where nobody has given the public holidays of that moment's year."""
        year = moment.astimezone(self.zone).year
        if self.years is not None and year not in self.years:
            raise CalendarYearMissing(
                f"{self.name} knows no public holidays of {year}; put them into the calendar, with the year in `years`",
                pointer="#/calendar",
            )

    def hours_on(self, day: date) -> Day:
        """The hours of a day on the wall."""
        return self.days.get(day, self.week[day.weekday()])

    def _is_ordinary_week(self, day: date) -> bool:
        """Whether the seven days of UTC from this one on hold exactly the hours of a week.

        They do where no day on the wall is a special one and the wall keeps its offset; no zone has changed it twice
        within them since 1970.
        """
        midnight = datetime.combine(day, time(), UTC)
        return _offset(self.zone, midnight) == _offset(self.zone, midnight + WEEK) and not any(
            day + nth * DAY in self.days for nth in _DAYS_ON_THE_WALL
        )

    def _spans_of(self, day: date, since: datetime) -> Iterator[Span]:
        """Working time of a day of UTC, in order, as far as it comes after a moment."""
        for start, end in self._spans_on(day):
            if end > since:
                yield max(start, since), end

    def _spans_on(self, day: date) -> Iterator[Span]:
        """Working time of a day of UTC, which lies on two days of most walls."""
        midnight = datetime.combine(day, time(), UTC)
        for start, end, offset in _stretches(self.zone, midnight, midnight + DAY):
            shown, until = start + offset, end + offset
            wall = datetime.combine(shown.date(), time(), UTC)
            while wall < until:
                for hours in self.hours_on(wall.date()):
                    begins, ends = max(wall + hours.start, shown), min(wall + hours.end, until)
                    if begins < ends:
                        yield begins - offset, ends - offset
                wall += DAY


def _stretches(zone: ZoneInfo, start: datetime, end: datetime) -> Iterable[tuple[datetime, datetime, timedelta]]:
    """A day of UTC, cut where the zone's offset changes (at most once a day)."""
    before, behind = _offset(zone, start), _offset(zone, end)
    if before == behind:
        return ((start, end, before),)
    change = _change(zone, start, end)
    return ((start, change, before), (change, end, behind))


def _change(zone: ZoneInfo, start: datetime, end: datetime) -> datetime:
    """The first moment with another offset than at `start`, to the second."""
    before = _offset(zone, start)
    low, high = 0, int((end - start).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, start + timedelta(seconds=middle)) == before:
            low = middle
        else:
            high = middle
    return start + timedelta(seconds=high)


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    offset = moment.astimezone(zone).utcoffset()
    return offset if offset is not None else timedelta()
