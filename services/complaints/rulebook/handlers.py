"""Writing the rulebook: subjects, clock policies and calendars, under the lock of its revision."""

from dataclasses import replace
from uuid import UUID

from services.complaints.context import Context
from services.complaints.rulebook.domain.calendar import ALWAYS, WORKING_HOURS, Calendar, UnknownCalendar
from services.complaints.rulebook.domain.hours import CalendarRefused
from services.complaints.rulebook.domain.levels import usual
from services.complaints.rulebook.domain.making import BUILT_IN, NewCalendar, new_calendar, working_hours
from services.complaints.rulebook.domain.policies import (
    ClockPolicy,
    NewClockPolicy,
    PolicyNotFound,
    PolicyWithdrawn,
)
from services.complaints.rulebook.domain.products import ProductOwner
from services.complaints.rulebook.domain.subjects import Subject, UnknownSubject
from services.complaints.rulebook.store import calendars, policies, products, subjects
from services.complaints.rulebook.store.revisions import next_revision
from services.complaints.scheme import handlers as scheme
from shared import audit, directory
from shared.db import Connection
from shared.ids import new_id
from shared.references import UnknownStaff
from shared.versions import check_version


async def keep_subject(context: Context, subject: Subject, *, expected_version: int | None) -> None:
    """Adds a subject, renames one that was read, or takes it out of use; cases that have it keep it.

    Raises Stale, PreconditionRequired.
    """
    async with context.database.transaction() as transaction:
        await next_revision(transaction)
        if (before := await subjects.one(transaction, subject.code)) is not None:
            check_version(before.version, expected_version)
        await subjects.keep(transaction, subject)


async def name_product_owner(context: Context, product: str | None, staff_id: UUID | None, *, by: UUID) -> ProductOwner:
    """Adds a version of who answers for a product, None for any other; cases that are recorded keep their people.

    Raises UnknownStaff.
    """
    async with context.database.transaction() as transaction:
        await next_revision(transaction)
        if staff_id is not None:
            member = (await directory.staff(transaction, [staff_id])).get(staff_id)
            if member is None or not member.active:
                raise UnknownStaff("no active member of staff has this id", pointer="#/staff_id")
        return await products.add(transaction, product, staff_id, context.clock.now(), by)


async def write_policy(context: Context, new: NewClockPolicy, *, by: UUID, may_date_back: bool) -> ClockPolicy:
    """Adds a version: it holds for what is recorded after its start and changes no clock that was started before.

    Raises StartsInThePast, AbsurdDuration, LevelsRefused, UnknownSubject, UnknownCalendar, CalendarYearMissing.
    """
    now = context.clock.now()
    starts_at = new.starts_at or now
    calendar = new.calendar or ALWAYS
    new.check_start(now, may_date_back=may_date_back)
    new.check_duration()
    new.check_levels()
    async with context.database.transaction() as transaction:
        await next_revision(transaction)
        if new.subject is not None and new.subject not in await subjects.in_use(transaction):
            raise UnknownSubject("this subject is not in the table", pointer="#/subject")
        if calendar != ALWAYS:
            (await _calendar_for_policy(transaction, context, calendar, by)).check_year(starts_at)
        policy = ClockPolicy(
            id=new_id(),
            version=await policies.latest_version(transaction) + 1,
            answer_within=new.answer_within,
            tier=new.tier,
            subject=new.subject,
            calendar=calendar,
            starts_at=starts_at,
            kind=new.kind,
            levels=new.levels or usual(new.kind),
        )
        await policies.add(transaction, policy, now, by)
        await scheme.announce(transaction)
    return policy


async def withdraw_policy(context: Context, id_: UUID, reason: str, *, by: UUID) -> ClockPolicy:
    """Takes a policy back: it holds for nothing that is recorded from now on; clocks that were started by it stay.

    Raises PolicyNotFound, PolicyWithdrawn.
    """
    async with context.database.transaction() as transaction:
        await next_revision(transaction)
        policy = await policies.one(transaction, id_)
        if policy is None:
            raise PolicyNotFound("no clock policy has this id")
        if policy.withdrawn_at is not None:
            raise PolicyWithdrawn("it has been withdrawn already")
        withdrawn = replace(policy, withdrawn_at=context.clock.now())
        await policies.withdraw(transaction, withdrawn, reason, by, context.words)
        await scheme.announce(transaction)
        await audit.enter(transaction, by, "clock_policy.withdrawn", id_)
    return withdrawn


async def seal_reasons(context: Context) -> int:
    """Due work: seals why policies were withdrawn, where an earlier release wrote it in the open; how many."""
    async with context.database.transaction() as transaction:
        return await policies.seal_reasons(transaction, context.words)


async def _calendar_for_policy(transaction: Connection, context: Context, name: str, by: UUID) -> Calendar:
    """The calendar that a policy names; the built-in one is written down when it is first used.

    Raises UnknownCalendar.
    """
    found = await calendars.present(transaction, name, context.zone)
    if found is None:
        known = ", ".join(sorted({ALWAYS, WORKING_HOURS, *await calendars.latest(transaction)}))
        raise UnknownCalendar(f"calendars are: {known}", pointer="#/calendar")
    if found.version == BUILT_IN:
        found = working_hours(context.zone, await calendars.next_version(transaction))
        await calendars.add(transaction, found, context.clock.now(), by)
    return found


async def keep_calendar(
    context: Context, name: str, wanted: NewCalendar, by: UUID, *, expected_version: int | None
) -> Calendar:
    """Adds a calendar, or a version of one that was read as it stands, for the clocks that start from now on.

    Raises CalendarRefused, Stale, PreconditionRequired.
    """
    if name == ALWAYS:
        raise CalendarRefused("always is day and night; give yours another name")
    async with context.database.transaction() as transaction:
        await next_revision(transaction)
        before = await calendars.present(transaction, name, context.zone)
        if before is not None:
            check_version(before.version, expected_version)
        made = new_calendar(name, await calendars.next_version(transaction), context.zone, wanted)
        await calendars.add(transaction, made, context.clock.now(), by)
    return made
