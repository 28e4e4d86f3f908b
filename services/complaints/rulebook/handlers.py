"""Writing the rulebook: subjects, clock policies and calendars, under the lock of its revision."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from services.complaints.context import Context
from services.complaints.rulebook.domain import public_holidays
from services.complaints.rulebook.domain.calendar import ALWAYS, WORKING_HOURS, Calendar, UnknownCalendar
from services.complaints.rulebook.domain.hours import CalendarRefused, Day, Week
from services.complaints.rulebook.domain.making import BUILT_IN, new_calendar, working_hours
from services.complaints.rulebook.domain.policies import ClockPolicy, NewClockPolicy
from services.complaints.rulebook.domain.rulebook import UnknownSubject
from services.complaints.rulebook.store import calendars, policies, subjects
from services.complaints.rulebook.store.revisions import next_revision
from shared.db import Connection
from shared.ids import new_id


async def keep_subject(context: Context, code: str, name_en: str, name_zh: str, *, active: bool) -> None:
    """Adds or renames a subject, or takes it out of use; cases that have it keep it."""
    async with context.database.transaction() as transaction:
        await next_revision(transaction)
        await subjects.keep(transaction, code, name_en, name_zh, active)


async def write_policy(context: Context, new: NewClockPolicy, *, by: UUID) -> ClockPolicy:
    """Adds a version: it holds for what is recorded after its start and changes no clock that was started before.

    Raises AbsurdDuration, UnknownSubject, UnknownCalendar, CalendarYearMissing.
    """
    now = context.clock.now()
    starts_at = new.starts_at or now
    calendar = new.calendar or ALWAYS
    new.check_duration()
    async with context.database.transaction() as transaction:
        await next_revision(transaction)
        if new.subject is not None and not (await subjects.codes(transaction)).get(new.subject):
            raise UnknownSubject("this subject is not in the table", pointer="#/subject")
        if calendar != ALWAYS:
            (await keep_for_policy(context, transaction, calendar, by)).check_year(starts_at)
        policy = ClockPolicy(
            id=new_id(),
            version=await policies.latest_version(transaction) + 1,
            answer_within=new.answer_within,
            tier=new.tier,
            subject=new.subject,
            calendar=calendar,
            starts_at=starts_at,
        )
        await policies.add(transaction, policy, now, by)
    return policy


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
        before = await calendars.present(transaction, name, context.runtime.zone)
        if before is not None:
            check(before.version)
        made = new_calendar(
            name,
            await calendars.next_version(transaction),
            ZoneInfo(wanted.zone) if wanted.zone else context.runtime.zone,
            wanted.week,
            wanted.days,
            holidays=public_holidays.chinese() if wanted.public_holidays else None,
            years=wanted.years,
        )
        await calendars.add(transaction, made, context.clock.now(), by)
    return made


async def keep_for_policy(context: Context, transaction: Connection, name: str, by: UUID) -> Calendar:
    """The calendar that a policy names; the built-in one is written down when it is first used.

    The caller holds the rulebook's lock. Raises UnknownCalendar.
    """
    zone = context.runtime.zone
    found = await calendars.present(transaction, name, zone)
    if found is None:
        known = ", ".join(sorted({ALWAYS, WORKING_HOURS, *await calendars.latest(transaction)}))
        raise UnknownCalendar(f"calendars are: {known}", pointer="#/calendar")
    if found.version == BUILT_IN:
        found = working_hours(zone, await calendars.next_version(transaction))
        await calendars.add(transaction, found, context.clock.now(), by)
    return found
