"""Confirming promises outside the rules, insisting on them, and what comes of that."""

from datetime import datetime
from typing import Final
from uuid import UUID

from services.complaints.commitments import events as promise_events
from services.complaints.commitments import queries as promises_read
from services.complaints.commitments import store as promises
from services.complaints.commitments.domain import Commitment, CommitmentState
from services.complaints.commitments.handlers import held
from services.complaints.confirmations import domain, events, store
from services.complaints.confirmations.domain import ConfirmationEntry, ConfirmationStep, UnderstandingPolicy
from services.complaints.context import Context
from services.complaints.faults.handlers import open_case
from services.complaints.policies import handlers as policies
from services.complaints.policies.domain import PolicyVersion
from services.complaints.policies.store import in_force
from services.complaints.response_clocks.store import Concern, chains_of, people_around
from services.complaints.rulebook.domain.calendar import ALWAYS, UnknownCalendar
from services.complaints.rulebook.store import calendars
from shared import audit, directory
from shared.auth.principal import ADMINISTRATION, Principal
from shared.auth.visibility import viewer
from shared.bus import outbox
from shared.bus.event import Event
from shared.db import Connection
from shared.ids import new_id
from shared.succession import at_work

SUPERVISOR: Final = 2
"""The level of somebody's chain (decision 17)."""
CUSTOMER_SERVICE: Final = ("cs_specialist", "cs_manager", ADMINISTRATION)


async def confirm(context: Context, id_: UUID, *, confirmed: bool, text: str | None, caller: Principal) -> Commitment:
    """Who promised it confirms or denies it; administration enters it for somebody who has left. Confirmed, an internal
    case opens that settles what it costs.

    Raises CommitmentNotFound, NotWhoPromised, WithinRules, CommitmentEnded, ConfirmationSaid, UnderstandingOver.
    """
    await promises_read.read(context, id_, viewer=viewer(caller))
    async with context.database.transaction() as transaction:
        before = await held(transaction, id_)
        await _check_may_confirm(transaction, before, caller)
        now = context.clock.now()
        after = domain.confirmed(before, confirm=confirmed, now=now)
        tell = events.confirmed if confirmed else events.denied
        what: ConfirmationStep = "confirmed" if confirmed else "denied"
        await _keep(
            transaction, context, after, _entry(after, what, now, caller.id, text), [tell(after, caller.id, now)]
        )
        if confirmed:
            await open_case(transaction, context, after, by=caller.id)
    return after


async def _check_may_confirm(transaction: Connection, commitment: Commitment, caller: Principal) -> None:
    who = (await directory.staff(transaction, [commitment.staff_id])).get(commitment.staff_id)
    domain.check_may_confirm(
        commitment,
        caller.id,
        administration=caller.has(ADMINISTRATION),
        has_left=who is None or not who.active,
    )


async def insist(context: Context, id_: UUID, *, text: str | None, caller: Principal) -> Commitment:
    """The customer insists on what was denied or never answered: from now on an understanding is due.

    Raises CommitmentNotFound, NotDenied, CommitmentEnded.
    """
    await promises_read.read(context, id_, viewer=viewer(caller))
    async with context.database.transaction() as transaction:
        before = await held(transaction, id_)
        now = context.clock.now()
        until = await _until(transaction, context, now)
        after = domain.insisted(before, until, await _supervisor(transaction, before.staff_id))
        await _keep(
            transaction, context, after, _entry(after, "insisted", now, caller.id, text), [events.insisted(after, now)]
        )
    return after


async def _until(transaction: Connection, context: Context, since: datetime) -> datetime:
    """Until when an understanding is to be reached, by the policy and its calendar of now."""
    version = await in_force(transaction, "understandings", since)
    policy = UnderstandingPolicy.kept(version.version, version.definition)
    calendar = None
    if policy.calendar != ALWAYS:
        calendar = await calendars.present(transaction, policy.calendar, context.zone)
    return domain.deadline(since, policy.days, calendar, context.zone)


async def _supervisor(transaction: Connection, staff_id: UUID) -> UUID | None:
    concern = Concern(staff_id)
    chain = (await chains_of(transaction, [concern]))[concern]
    return next((link.staff_id for link in chain if link.level == SUPERVISOR), None)


async def settle(context: Context, id_: UUID, *, reached: bool, text: str, caller: Principal) -> Commitment:
    """Whether an understanding was reached with the customer, said by either who is to reach it or by customer service.
    Where none was, an internal case opens.

    Raises CommitmentNotFound, NotOfUnderstanding, NoUnderstandingDue, UnderstandingOver.
    """
    await promises_read.read(context, id_, viewer=viewer(caller))
    async with context.database.transaction() as transaction:
        before = await held(transaction, id_)
        people = await _to_reach_it(transaction, before)
        domain.check_may_settle(caller.id, people, customer_service=caller.has(*CUSTOMER_SERVICE))
        now = context.clock.now()
        standing = before.as_of(now)
        after = domain.understood(standing, reached=reached, by=caller.id, now=now)
        facts = [promise_events.broken(standing, now)] if standing is not before else []
        if after.state is CommitmentState.WITHDRAWN and standing.state is not CommitmentState.WITHDRAWN:
            facts.append(promise_events.withdrawn(after, now))
        what: ConfirmationStep = "reached" if reached else "failed"
        said = events.reached(after, caller.id, now) if reached else events.failed(after, now, now, lapsed=False)
        await _keep(transaction, context, after, _entry(after, what, now, caller.id, text), [*facts, said])
        if not reached:
            await open_case(transaction, context, after, by=caller.id)
    return after


async def _to_reach_it(transaction: Connection, commitment: Commitment) -> list[UUID | None]:
    """Who promised it and their supervisor, and who does their work where they have left."""
    named = [commitment.staff_id, commitment.supervisor_id]
    people = await people_around(transaction, named)
    return [*named, *(at_work(people, each) for each in named)]


async def fail_due(context: Context) -> int:
    """Notices a promise about which no understanding was reached in time, with its own moment, and opens the internal
    case in the name of who entered that the customer insists; how many."""
    async with context.database.transaction() as transaction:
        now = context.clock.now()
        before = await store.lock_due(transaction, now)
        if before is None or before.understanding_due_at is None:
            return 0
        at = before.understanding_due_at
        after = domain.lapsed(before)
        await _keep(
            transaction,
            context,
            after,
            _entry(after, "failed", at, None, None),
            [events.failed(after, at, now, lapsed=True)],
        )
        await open_case(transaction, context, after, by=await store.insisted_by(transaction, after.id))
    return 1


async def _keep(
    transaction: Connection, context: Context, after: Commitment, entry: ConfirmationEntry, facts: list[Event]
) -> None:
    """Saves a held promise with what was said, and publishes it; what somebody said stands in the audit."""
    await promises.save(transaction, [after])
    await store.add(transaction, context.words, entry)
    if entry.by is not None:
        await audit.enter(transaction, entry.by, f"commitment.{entry.what}", after.id)
    await outbox.append(transaction, facts)


def _entry(
    of: Commitment, what: ConfirmationStep, at: datetime, by: UUID | None, text: str | None
) -> ConfirmationEntry:
    return ConfirmationEntry(new_id(), of.id, what, at, by, text)


async def write_policy(
    context: Context, days: int, calendar: str, starts_at: datetime | None, *, by: UUID
) -> PolicyVersion:
    """Adds a version; a deadline that runs keeps what the version of its beginning gave it. Raises UnknownCalendar."""
    if calendar != ALWAYS and await calendars.present(context.database, calendar, context.zone) is None:
        raise UnknownCalendar("name a calendar that is kept, or always for every day", pointer="#/calendar")
    definition = {"days": days, "calendar": calendar}
    return await policies.write(context, "understandings", starts_at, lambda _: definition, by=by)
