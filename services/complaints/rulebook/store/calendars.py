"""Calendars in the database: every version stays, the latest of a name is in force for what is recorded now."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Integer, Text, func, select
from sqlalchemy import cast as as_type
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col

from services.complaints.rulebook.domain.calendar import WORKING_HOURS, Calendar
from services.complaints.rulebook.domain.hours import WEEKDAYS, read, written
from services.complaints.rulebook.domain.making import working_hours
from services.complaints.rulebook.tables import CalendarRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, any_given, given, insert_one, table


@lru_cache(maxsize=64)
def _calendar(name: str, version: int, definition: str) -> Calendar:
    kept: Mapping[str, Any] = orjson.loads(definition)
    return Calendar(
        name=name,
        version=version,
        zone=ZoneInfo(kept["zone"]),
        week=tuple(read(kept["week"][weekday]) for weekday in WEEKDAYS),
        days={date.fromisoformat(day): read(hours) for day, hours in kept["days"].items()},
        years=frozenset(kept["years"]) if kept["years"] is not None else None,
    )


_KEPT = select(
    col(CalendarRow.name),
    col(CalendarRow.version),
    as_type(col(CalendarRow.definition), Text).label("definition"),
)
_LATEST = Statement(
    _KEPT.ext(distinct_on(col(CalendarRow.name)))
    .where(col(CalendarRow.name) == func.coalesce(given("name", Text), col(CalendarRow.name)))
    .order_by(col(CalendarRow.name), col(CalendarRow.version).desc()),
    _calendar,
)
_BY_VERSION = Statement(_KEPT.where(col(CalendarRow.version) == any_given("versions", Integer)), _calendar)
_NEXT_VERSION = Scalar(select(func.coalesce(func.max(col(CalendarRow.version)), 0) + 1), int)
_ADD = Statement(insert_one(CalendarRow, *table(CalendarRow).c.keys()))


async def latest(reader: Reader, name: str | None = None) -> dict[str, Calendar]:
    """Every calendar by name (or the one of this name) as it is in force now."""
    return {calendar.name: calendar for calendar in await _LATEST.all(reader, name=name)}


async def present(reader: Reader, name: str, zone: ZoneInfo) -> Calendar | None:
    """The calendar in force under a name; the built-in one, in the company's zone, where nothing else is."""
    kept = (await latest(reader, name)).get(name)
    return working_hours(zone) if kept is None and name == WORKING_HOURS else kept


async def by_version(reader: Reader, versions: Iterable[int | None]) -> dict[int | None, Calendar]:
    """Calendars as they were when clocks started by them; none are read for clocks that run day and night."""
    wanted = [*{*versions} - {None}]
    found = await _BY_VERSION.all(reader, versions=wanted) if wanted else []
    return {calendar.version: calendar for calendar in found}


async def next_version(transaction: Connection) -> int:
    return await _NEXT_VERSION.only(transaction)


async def add(transaction: Connection, calendar: Calendar, created_at: datetime, created_by: UUID) -> None:
    await _ADD.execute(
        transaction,
        version=calendar.version,
        name=calendar.name,
        definition=_definition(calendar),
        created_at=created_at,
        created_by=created_by,
    )


def _definition(calendar: Calendar) -> dict[str, Any]:
    """What of a calendar is kept: hours as "09:00-18:00"."""
    return {
        "zone": calendar.zone.key,
        "week": {name: written(day) for name, day in zip(WEEKDAYS, calendar.week, strict=True)},
        "days": {day.isoformat(): written(hours) for day, hours in calendar.days.items()},
        "years": sorted(calendar.years) if calendar.years is not None else None,
    }
