"""Use cases of working calendars: keeping one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from services.complaints.calendars import store
from services.complaints.calendars.domain import public_holidays
from services.complaints.calendars.domain.calendar import ALWAYS, WORKING_HOURS, Calendar, UnknownCalendar
from services.complaints.calendars.domain.hours import CalendarRefused, Day, Week
from services.complaints.calendars.domain.making import BUILT_IN, new_calendar, working_hours
from services.complaints.context import Context
from services.complaints.revisions.store import next_revision
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class NewCalendar:
    """A calendar as somebody wants it; `zone` None is the company's."""

    zone: str | None
    week: Week
    days: Mapping[date, Day]
    public_holidays: bool
    years: frozenset[int] | None


async def keep_calendar(
    context: Context, name: str, wanted: NewCalendar, by: UUID, check: Callable[[int], None]
) -> Calendar:
    """Adds a calendar or a version of one, for the clocks that start from now on; `check` refuses a stale version.

    Raises CalendarRefused.
    """
    if name == ALWAYS:
        raise CalendarRefused("always is day and night; give yours another name")
    async with context.database.transaction() as transaction:
        await next_revision(transaction)
        before = await store.present(transaction, name, context.runtime.zone)
        if before is not None:
            check(before.version)
        made = new_calendar(
            name,
            await store.next_version(transaction),
            ZoneInfo(wanted.zone) if wanted.zone else context.runtime.zone,
            wanted.week,
            wanted.days,
            holidays=public_holidays.chinese() if wanted.public_holidays else None,
            years=wanted.years,
        )
        await store.add(transaction, made, context.clock.now(), by)
    return made


async def keep_for_policy(context: Context, transaction: Connection, name: str, by: UUID) -> Calendar:
    """The calendar that a policy names; the built-in one is written down when it is first used.

    The caller holds the rulebook's lock. Raises UnknownCalendar.
    """
    zone = context.runtime.zone
    found = await store.present(transaction, name, zone)
    if found is None:
        known = ", ".join(sorted({ALWAYS, WORKING_HOURS, *await store.latest(transaction)}))
        raise UnknownCalendar(f"calendars are: {known}", pointer="#/calendar")
    if found.version == BUILT_IN:
        found = working_hours(zone, await store.next_version(transaction))
        await store.add(transaction, found, context.clock.now(), by)
    return found
