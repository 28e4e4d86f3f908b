"""Writing clock policies."""

from uuid import UUID

from services.complaints.calendars.domain.calendar import ALWAYS
from services.complaints.calendars.handlers import keep_for_policy
from services.complaints.context import Context
from services.complaints.response_clocks.domain.policies import ClockPolicy, NewClockPolicy
from services.complaints.response_clocks.store import policies
from services.complaints.revisions.store import next_revision
from services.complaints.subjects import store as subjects
from services.complaints.subjects.domain import UnknownSubject
from shared.ids import new_id


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
