"""Routes of working calendars."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from fastapi import Path, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.complaints.context import Context
from services.complaints.rulebook import handlers, queries
from services.complaints.rulebook.domain.calendar import Calendar, CalendarNotFound
from services.complaints.rulebook.domain.hours import WEEKDAYS, CalendarRefused, Weekday, read, written
from services.complaints.rulebook.domain.making import NewCalendar
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import NO_TEXT, Code, Day, TimeZone
from shared.http.paging import Page
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "calendars")

CalendarName = Annotated[str, Path(max_length=200, description="the calendar's name")]
_WALL = "([01][0-9]|2[0-3]):[0-5][0-9]"
HoursText = Annotated[
    str,
    StringConstraints(pattern=rf"^{_WALL}-({_WALL}|24:00)$"),
    Field(examples=["09:00-18:00"]),
]
DayText = Annotated[list[HoursText], Field(max_length=24)]
Year = Annotated[int, Field(ge=1970, le=2200), NO_TEXT]

_SPECIAL_DAYS = "days with other hours than their weekday's, none for a day off"


class CalendarIn(BaseModel):
    """When work is done, as a wall in the zone shows it. Spans are half open; weekdays left out are off."""

    model_config = ConfigDict(extra="forbid")

    zone: Annotated[
        TimeZone | None,
        Field(description="the IANA time zone in which its hours are those of the wall: the company's unless said"),
    ] = None
    week: dict[Weekday, DayText]
    days: Annotated[dict[Day, DayText], Field(max_length=4_000, description=_SPECIAL_DAYS)] = {}
    public_holidays: Annotated[
        Literal["CN"] | None,
        Field(description="CN: China's public holidays and make-up days, as far as they are known, join `days`"),
    ] = None
    years: Annotated[
        list[Year] | None,
        Field(max_length=300, description="years whose public holidays all stand in `days`; null: it keeps none"),
    ] = None

    def wanted(self) -> NewCalendar:
        return NewCalendar(
            zone=ZoneInfo(self.zone) if self.zone else None,
            week=tuple(read(self.week.get(weekday, ())) for weekday in WEEKDAYS),
            days={day: read(hours) for day, hours in self.days.items()},
            public_holidays=self.public_holidays is not None,
            years=frozenset(self.years) if self.years is not None else None,
        )


class CalendarSummaryOut(BaseModel):
    """A calendar as it is in force; version 0 is the built-in one that no policy has used yet."""

    name: str
    version: int
    zone: str
    week: dict[str, list[str]]
    years: list[int] | None = Field(
        description="years whose public holidays are known; in any other the week alone counts; null: it keeps none"
    )

    @classmethod
    def of(cls, calendar: Calendar) -> Self:
        return cls.model_validate(cls.fields_of(calendar))

    @classmethod
    def fields_of(cls, calendar: Calendar) -> Mapping[str, object]:
        return {
            "name": calendar.name,
            "version": calendar.version,
            "zone": calendar.zone.key,
            "week": {weekday: written(day) for weekday, day in zip(WEEKDAYS, calendar.week, strict=True)},
            "years": sorted(calendar.years) if calendar.years is not None else None,
        }


class CalendarOut(CalendarSummaryOut):
    """A whole calendar."""

    days: dict[date, list[str]] = Field(description=_SPECIAL_DAYS)

    @classmethod
    def fields_of(cls, calendar: Calendar) -> Mapping[str, object]:
        return {**super().fields_of(calendar), "days": {day: written(hours) for day, hours in calendar.days.items()}}


@routes.get("/calendars")
async def list_calendars(context: Injected[Context]) -> Page[CalendarSummaryOut]:
    """The calendars that a clock policy can name, beside `always` (day and night); there are few, so it is one page."""
    return Page(items=[CalendarSummaryOut.of(each) for each in await queries.list_calendars(context)])


@routes.get("/calendars/{name}")
@raises(CalendarNotFound)
async def read_calendar(name: CalendarName, context: Injected[Context], response: Response) -> CalendarOut:
    """A calendar with its special days."""
    return _answer(await queries.read_calendar(context, name), response)


@routes.put("/calendars/{name}")
@raises(CalendarRefused)
async def keep_calendar(
    name: Code,
    body: CalendarIn,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> CalendarOut:
    """Adds a calendar, or a version of one (with If-Match). Clocks that run keep the version that they started by."""
    kept = await handlers.keep_calendar(context, name, body.wanted(), caller.id, expected_version=expected_version)
    return _answer(kept, response)


def _answer(calendar: Calendar, response: Response) -> CalendarOut:
    set_etag(response, calendar.version)
    return CalendarOut.of(calendar)
