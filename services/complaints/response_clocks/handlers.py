"""Use cases of the clock: what is due is done, pause and resume, and the policies."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.complaints.calendars import store as calendars
from services.complaints.calendars.domain import ALWAYS
from services.complaints.calendars.handlers import keep_for_policy
from services.complaints.cases.domain import Case, NoSuchComplaint, Rulebook, Said, State, UnknownSubject, moment_of
from services.complaints.cases.events import clock_facts, events_of, moved, told_of
from services.complaints.context import Context
from services.complaints.history import store as history
from services.complaints.intake import store as cases
from services.complaints.response_clocks import domain, store
from services.complaints.response_clocks.domain import (
    LONGEST,
    LONGEST_PAUSE,
    SHORTEST,
    USUAL_PAUSE,
    Chain,
    ClockPolicy,
    News,
    Tier,
)
from shared.bus import outbox
from shared.db import Connection
from shared.errors import Invalid
from shared.ids import new_id
from shared.telemetry import TIMER_LATENESS

# ---------------------------------------------------------------------------- what is due


async def advance_batch(context: Context) -> int:
    """Warns, breaches, escalates and ends overlong pauses of what is due now, a batch; returns how many cases."""
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        due = await store.lock_due(transaction, now)
        if due:
            await advance(transaction, due, now)
    noticed = context.clock.now()
    lateness = TIMER_LATENESS.labels("complaints")
    for case in due:
        moment = domain.next_alarm(case.clock) or now
        lateness.observe(max(0.0, (noticed - moment).total_seconds()))
    return len(due)


async def advance(transaction: Connection, due: Sequence[Case], now: datetime) -> None:
    """Gives each locked case what its clock has to say at `now`, all in a fixed number of statements."""
    chains = await store.chains(transaction, (case.responsible_id for case in due))
    advanced = [_advanced(case, now, chains[case.responsible_id]) for case in due]
    await cases.save_clocks(transaction, [case for case, _ in advanced])
    await store.end_pauses(transaction, (case for case, news in advanced if _resumed(news)))
    if told := [each for case, news in advanced for each in told_of(case, news, now)]:
        await store.keep_breaches(transaction, told)
    await outbox.append(
        transaction,
        [
            event
            for case, news in advanced
            for event in events_of(case, clock_facts(case, news, chains[case.responsible_id]), now)
        ],
    )


def _advanced(case: Case, now: datetime, chain: Chain) -> tuple[Case, tuple[News, ...]]:
    clock, news = domain.advance(case.clock, now, chain)
    if not news:
        return case._replace(clock=clock), news
    moment = max(case.moved_at, *(each.at for each in news))
    return case._replace(clock=clock, moved_at=moment, version=case.version + 1), news


def _resumed(news: Sequence[News]) -> bool:
    return any(isinstance(each, domain.Resumed) for each in news)


async def advance_due(context: Context) -> int:
    """The same; what is more than a batch is done by two at once, so that the database works while we do."""
    advanced = await advance_batch(context)
    if advanced == store.BATCH:
        advanced += sum(await asyncio.gather(_advance_on(context), _advance_on(context)))
    return advanced


async def _advance_on(context: Context) -> int:
    total = 0
    while advanced := await advance_batch(context):
        total += advanced
    return total


async def next_due(context: Context) -> datetime | None:
    async with context.database.connection() as reader:
        return await store.next_due(reader)


# ---------------------------------------------------------------------------- pause and resume


async def pause(context: Context, id_: UUID, said: Said, at_most: timedelta | None) -> Case:
    """Lets the clock stand while the customer is asked something; it runs again by itself after `at_most`."""
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        case = await locked(transaction, id_)
        case.require(State.OPEN)
        said.require_text(case, "why the clock is to stand")
        moment = moment_of(case, said.at, now)
        usual = LONGEST_PAUSE if case.taken_over else USUAL_PAUSE
        clock, news = domain.pause(case.clock, moment, at_most or usual)
        case = await _move_clock(transaction, case, clock, news, now=now, moment=moment)
        entry_id = await history.keep_entry(transaction, context, case, "paused", said, moment)
        await store.keep_pause(transaction, case, clock.pauses[-1], entry_id)
    return case


async def resume(context: Context, id_: UUID, said: Said) -> Case:
    """Ends a pause before its longest end."""
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        case = await locked(transaction, id_)
        case.require(State.OPEN)
        moment = moment_of(case, said.at, now)
        clock, news = domain.resume(case.clock, moment)
        case = await _move_clock(transaction, case, clock, news, now=now, moment=moment)
        await history.keep_entry(transaction, context, case, "resumed", said, moment)
    return case


async def locked(transaction: Connection, id_: UUID) -> Case:
    """The case, held until the transaction ends; raises NoSuchComplaint."""
    case = await cases.lock(transaction, id_)
    if case is None:
        raise NoSuchComplaint("no complaint has this id")
    return case


async def _move_clock(
    transaction: Connection,
    case: Case,
    clock: domain.Clock,
    news: Sequence[News],
    *,
    now: datetime,
    moment: datetime,
) -> Case:
    """Saves a locked case with its clock moved, and tells it."""
    case = moved(case._replace(clock=clock), moment)
    await cases.save(transaction, [case])
    await store.end_pauses(transaction, [case] if _resumed(news) else [])
    await outbox.append(transaction, events_of(case, clock_facts(case, news, ()), now))
    return case


# ---------------------------------------------------------------------------- policies


async def read_rulebook(context: Context) -> Rulebook:
    """The rulebook as it stands; the revision is read first, so an older content is never taken for a newer one."""
    async with context.database.connection() as reader:
        revision = await store.revision(reader)
        return Rulebook(
            revision,
            tuple(await store.policies(reader)),
            await store.subjects(reader),
            await calendars.latest(reader),
        )


class AbsurdDuration(Invalid):
    slug = "duration-out-of-bounds"
    title = "The time to answer is out of bounds"


@dataclass(frozen=True, slots=True)
class NewPolicy:
    """A policy to be written; `starts_at` None means now."""

    answer_within: timedelta
    tier: Tier | None
    subject: str | None
    calendar: str | None
    starts_at: datetime | None


async def write_policy(context: Context, new: NewPolicy, *, by: UUID) -> ClockPolicy:
    """Adds a version: it holds for what is recorded after its start and changes no clock that was started before.

    Raises AbsurdDuration, UnknownSubject, UnknownCalendar, CalendarYearMissing.
    """
    now = context.clock.now()
    starts_at = new.starts_at or now
    calendar = new.calendar or ALWAYS
    if not SHORTEST <= new.answer_within <= LONGEST:
        raise AbsurdDuration("answer_within lies between one second and 90 days", pointer="#/answer_within")
    async with context.database.transaction() as transaction:
        await store.next_revision(transaction)
        if new.subject is not None and not (await store.subjects(transaction)).get(new.subject):
            raise UnknownSubject("this subject is not in the table", pointer="#/subject")
        if calendar != ALWAYS:
            (await keep_for_policy(context, transaction, calendar, by)).check_year(starts_at)
        policy = ClockPolicy(
            id=new_id(),
            version=await store.latest_version(transaction) + 1,
            answer_within=new.answer_within,
            tier=new.tier,
            subject=new.subject,
            calendar=calendar,
            starts_at=starts_at,
        )
        await store.add_policy(transaction, policy, now, by)
    return policy


async def list_policies(context: Context, before: int, limit: int) -> list[ClockPolicy]:
    async with context.database.connection() as reader:
        return await store.policies_before(reader, before, limit)
