"""Working calendars (domain 3.3): when a complaint's clock runs, where a policy does not let it run day and night.

Hours are meant as a wall in the calendar's zone shows them: a moment is working time exactly when the wall then shows
hours of its day. An hour that the wall skips in spring is nobody's, one that it shows twice in autumn counts twice.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from services.complaints.rulebook.domain.hours import DAY, Day, Week
from shared.errors import Invalid, NotFound

ALWAYS: Final = "always"
"""The name under which a policy asks for no calendar at all: the clock runs day and night."""
WORKING_HOURS: Final = "working_hours"
"""The calendar that is there from the start."""
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
        left = working
        for start, end in self._spans(moment):
            if end - start >= left:
                return start + left
            left -= end - start
        raise AssertionError("a week has hours, so working time never ends")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from one moment to a later one; nothing when it is not later."""
        passed = timedelta()
        for begins, ends in self._spans(start):
            if begins >= end:
                break
            passed += min(ends, end) - begins
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

    def _spans(self, moment: datetime) -> Iterator[Span]:
        """Working time from a moment on, in order and without end."""
        day = moment.date()
        while True:
            for start, end in self._spans_of(day):
                if end > moment:
                    yield max(start, moment), end
            day += DAY

    def _spans_of(self, day: date) -> Iterator[Span]:
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
