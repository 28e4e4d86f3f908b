"""Calendars in the database: every version stays, the latest of a name is in force for what is recorded now."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from services.complaints.rulebook.domain.calendar import WORKING_HOURS, Calendar
from services.complaints.rulebook.domain.hours import WEEKDAYS, read, written
from services.complaints.rulebook.domain.making import working_hours
from shared.db import Connection

_LATEST = """
SELECT DISTINCT ON (name) name, version, definition::text AS definition FROM calendar
WHERE name = coalesce($1, name) ORDER BY name, version DESC
"""
_BY_VERSION = "SELECT name, version, definition::text AS definition FROM calendar WHERE version = ANY($1::integer[])"
_ADD = "INSERT INTO calendar (version, name, definition, created_at, created_by) VALUES ($1, $2, $3, $4, $5)"


async def latest(reader: Connection, name: str | None = None) -> dict[str, Calendar]:
    """Every calendar by name (or the one of this name) as it is in force now."""
    return {row["name"]: _calendar(*row.values()) for row in await reader.fetch(_LATEST, name)}


async def present(reader: Connection, name: str, zone: ZoneInfo) -> Calendar | None:
    """The calendar in force under a name; the built-in one, in the company's zone, where nothing else is."""
    kept = (await latest(reader, name)).get(name)
    return working_hours(zone) if kept is None and name == WORKING_HOURS else kept


async def by_version(reader: Connection, versions: Collection[int]) -> dict[int, Calendar]:
    """Calendars as they were when clocks started by them."""
    return {row["version"]: _calendar(*row.values()) for row in await reader.fetch(_BY_VERSION, list(versions))}


async def next_version(transaction: Connection) -> int:
    version: int = await transaction.fetchval("SELECT coalesce(max(version), 0) + 1 FROM calendar")
    return version


async def add(transaction: Connection, calendar: Calendar, created_at: datetime, created_by: UUID) -> None:
    await transaction.execute(_ADD, calendar.version, calendar.name, definition_of(calendar), created_at, created_by)


def definition_of(calendar: Calendar) -> dict[str, Any]:
    """What of a calendar is kept: hours as "09:00-18:00"."""
    return {
        "zone": calendar.zone.key,
        "week": {name: written(day) for name, day in zip(WEEKDAYS, calendar.week, strict=True)},
        "days": {day.isoformat(): written(hours) for day, hours in calendar.days.items()},
        "years": sorted(calendar.years) if calendar.years is not None else None,
    }


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
