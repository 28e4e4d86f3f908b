"""Working calendars (domain 3.3): when a complaint's clock runs, where a policy does not let it run day and night.

Hours are meant as a wall in the calendar's zone shows them: a moment is working time exactly when the wall then shows
hours of its day. An hour that the wall skips in spring is nobody's, one that it shows twice in autumn counts twice.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final, Literal, TypeAlias, get_args
from zoneinfo import ZoneInfo

from shared.errors import Invalid, NotFound

ALWAYS: Final = "always"
"""The name under which a policy asks for no calendar at all: the clock runs day and night."""
WORKING_HOURS: Final = "working_hours"
"""The calendar that is there from the start."""
Weekday: TypeAlias = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: Final[tuple[Weekday, ...]] = get_args(Weekday)
DAY: Final = timedelta(days=1)
SHORTEST_WEEK: Final = timedelta(hours=8)
"""What a week holds at least, so that a due moment is never years away."""


class UnknownCalendar(Invalid):
    slug = "unknown-calendar"
    title = "There is no such calendar"


class NoSuchCalendar(NotFound):
    slug = "no-such-calendar"
    title = "There is no such calendar"


class CalendarRefused(Invalid):
    slug = "calendar-refused"
    title = "This calendar cannot be kept"


class CalendarYearMissing(Invalid):
    slug = "calendar-year-missing"
    title = "The calendar does not know the public holidays of that year"


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """A half-open span of a day on the wall, as time since midnight; `end` is at most 24 hours."""

    start: timedelta
    end: timedelta


Day: TypeAlias = tuple[Hours, ...]
"""The working hours of a day, in their order; none on a day off."""
Week: TypeAlias = tuple[Day, ...]
"""Seven days, Monday first."""
Span: TypeAlias = tuple[datetime, datetime]
"""A half-open span of working time in UTC."""


def written(day: Day) -> list[str]:
    """The hours of a day as people write them: 09:00-18:00."""
    return [f"{_clock_time(hours.start)}-{_clock_time(hours.end)}" for hours in day]


def _clock_time(since_midnight: timedelta) -> str:
    hour, minute = divmod(since_midnight // timedelta(minutes=1), 60)
    return f"{hour:02}:{minute:02}"


def read(spans: Iterable[str]) -> Day:
    """Hours as `written` writes them."""
    return tuple(Hours(*(_since_midnight(text) for text in span.split("-"))) for span in spans)


def _since_midnight(text: str) -> timedelta:
    hour, minute = text.split(":")
    return timedelta(hours=int(hour), minutes=int(minute))


NINE_TO_SIX: Final[Day] = (Hours(timedelta(hours=9), timedelta(hours=18)),)
OFFICE_WEEK: Final[Week] = (NINE_TO_SIX,) * 5 + ((),) * 2


@dataclass(frozen=True, slots=True)
class Holidays:
    """The public holidays and make-up days (调休) that are known, for whole years."""

    holidays: frozenset[date]
    make_up_days: frozenset[date]
    years: frozenset[int]


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


# ---------------------------------------------------------------------------- making one


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


def check_day(day: Sequence[Hours], *, pointer: str) -> None:
    """Raises CalendarRefused unless the spans have a length and follow each other within the day."""
    if any(not timedelta() <= hours.start < hours.end <= DAY for hours in day):
        raise CalendarRefused("a span ends after it starts, at 24:00 at the latest", pointer=pointer)
    if any(later.start < earlier.end for earlier, later in pairwise(day)):
        raise CalendarRefused("spans of a day follow each other and do not overlap", pointer=pointer)


def length_of(week: Week) -> timedelta:
    """The working time of a week in which the wall neither skips nor repeats."""
    return sum((hours.end - hours.start for day in week for hours in day), timedelta())
