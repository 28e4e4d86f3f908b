"""Working hours of a day and of a week, as a wall shows them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Final, Literal, TypeAlias, get_args

from shared.errors import Invalid

Weekday: TypeAlias = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: Final[tuple[Weekday, ...]] = get_args(Weekday)
DAY: Final = timedelta(days=1)
SHORTEST_WEEK: Final = timedelta(hours=8)
"""What a week holds at least, so that a due moment is never years away."""


class CalendarRefused(Invalid):
    slug = "calendar-refused"
    title = "This calendar cannot be kept"


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """A half-open span of a day on the wall, as time since midnight; `end` is at most 24 hours."""

    start: timedelta
    end: timedelta


Day: TypeAlias = tuple[Hours, ...]
"""The working hours of a day, in their order; none on a day off."""
Week: TypeAlias = tuple[Day, ...]
"""Seven days, Monday first."""


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


def check_day(day: Sequence[Hours], *, pointer: str) -> None:
    """Raises CalendarRefused unless the spans have a length and follow each other within the day."""
    if any(not timedelta() <= hours.start < hours.end <= DAY for hours in day):
        raise CalendarRefused("a span ends after it starts, at 24:00 at the latest", pointer=pointer)
    if any(later.start < earlier.end for earlier, later in pairwise(day)):
        raise CalendarRefused("spans of a day follow each other and do not overlap", pointer=pointer)


def length_of(week: Week) -> timedelta:
    """The working time of a week in which the wall neither skips nor repeats."""
    return sum((hours.end - hours.start for day in week for hours in day), timedelta())
