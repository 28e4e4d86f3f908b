"""Use cases of working calendars: seeing them, keeping one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from services.complaints.calendars import public_holidays, store
from services.complaints.calendars.domain import (
    ALWAYS,
    OFFICE_WEEK,
    WORKING_HOURS,
    Calendar,
    CalendarRefused,
    Day,
    NoSuchCalendar,
    UnknownCalendar,
    Week,
    new_calendar,
)
from services.complaints.context import Context
from services.complaints.response_clocks.store import next_revision
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class CalendarAsked:
    """A calendar as somebody wants it; `zone` None is the company's."""

    zone: str | None
    week: Week
    days: Mapping[date, Day]
    public_holidays: bool
    years: frozenset[int] | None


async def list_calendars(context: Context) -> list[Calendar]:
    """Every calendar as it is in force, by name."""
    async with context.database.connection() as reader:
        kept = await store.latest(reader)
    return [calendar for _, calendar in sorted(({WORKING_HOURS: working_hours(context)} | kept).items())]


async def calendar(context: Context, name: str) -> Calendar:
    """The calendar as it is in force. Raises NoSuchCalendar."""
    async with context.database.connection() as reader:
        found = await present(context, reader, name)
    if found is None:
        raise NoSuchCalendar("no calendar has this name; always (day and night) needs none")
    return found


async def keep_calendar(
    context: Context, name: str, asked: CalendarAsked, by: UUID, check: Callable[[int], None]
) -> Calendar:
    """Adds a calendar or a version of one, for the clocks that start from now on; `check` refuses a stale version.

    Raises CalendarRefused.
    """
    if name == ALWAYS:
        raise CalendarRefused("always is day and night; give yours another name")
    async with context.database.transaction() as transaction:
        await next_revision(transaction)
        before = await present(context, transaction, name)
        if before is not None:
            check(before.version)
        made = new_calendar(
            name,
            await store.next_version(transaction),
            ZoneInfo(asked.zone) if asked.zone else context.runtime.zone,
            asked.week,
            asked.days,
            holidays=public_holidays.chinese() if asked.public_holidays else None,
            years=asked.years,
        )
        await store.add(transaction, made, context.clock.now(), by)
    return made


async def keep_for_policy(context: Context, transaction: Connection, name: str, by: UUID) -> Calendar:
    """The calendar that a policy names; the built-in one is written down when it is first used.

    The caller holds the rulebook's lock. Raises UnknownCalendar.
    """
    found = await present(context, transaction, name)
    if found is None:
        known = ", ".join(sorted({ALWAYS, WORKING_HOURS, *await store.latest(transaction)}))
        raise UnknownCalendar(f"calendars are: {known}", pointer="#/calendar")
    if found.version == BUILT_IN:
        found = working_hours(context, await store.next_version(transaction))
        await store.add(transaction, found, context.clock.now(), by)
    return found


BUILT_IN = 0
"""The version of a calendar that is not written down yet."""


async def present(context: Context, reader: Connection, name: str) -> Calendar | None:
    """The calendar in force under a name."""
    kept = (await store.latest(reader, name)).get(name)
    return working_hours(context) if kept is None and name == WORKING_HOURS else kept


def working_hours(context: Context, version: int = BUILT_IN) -> Calendar:
    """The built-in calendar: Monday to Friday from nine to six in the company's zone, without China's public holidays,
    with its make-up days."""
    holidays = public_holidays.chinese()
    return new_calendar(WORKING_HOURS, version, context.runtime.zone, OFFICE_WEEK, {}, holidays=holidays)
