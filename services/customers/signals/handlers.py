"""Looking for signals: of everybody once a day, of whom something has changed at once; and by what."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import locks
from services.customers.scheme import handlers as scheme
from services.customers.signals import domain, events, store
from services.customers.signals.domain import Changes, Course, Signal, SignalPolicy, SignalTerms
from shared import audit
from shared.bus import outbox
from shared.bus.event import Event
from shared.db import Connection
from shared.ids import new_id
from shared.versions import check_version

AT_ONCE: Final = 500
"""Customers of one transaction; only those are held of whom something changes."""


async def look(context: Context) -> int:
    """Due work: the next customers who are to be looked at today, in the company's zone; how many these were."""
    today = context.today()
    if not await store.is_due(context.database, today):
        return 0
    async with context.database.transaction() as transaction:
        place = await store.hold_run(transaction, today)
        if place is None:
            return 0
        ids = await store.next_customers(transaction, place, AT_ONCE)
        await judge(context, transaction, ids)
        await store.reach(transaction, today, ids[-1] if ids else place, done=len(ids) < AT_ONCE)
    return len(ids)


async def next_look(context: Context) -> datetime:
    """When everybody is to be looked at again: the first moment of the next day of the company."""
    return datetime.combine(context.today() + timedelta(days=1), time(), context.zone)


async def judge(context: Context, transaction: Connection, ids: Sequence[UUID]) -> None:
    """Looks for signals of these customers, and tells what is new and what is over.

    All are looked at; of whom something changes, they are held and looked at again, so that nothing is told twice.
    """
    policy = await store.policy(transaction)
    changing = [course.customer_id for course, _ in await _look_at(context, transaction, ids, policy.terms)]
    if changing:
        await locks.customers(transaction, changing)
        await _keep(context, transaction, policy, await _look_at(context, transaction, changing, policy.terms))


async def set_policy(context: Context, terms: SignalTerms, expected_version: int | None, *, by: UUID) -> SignalPolicy:
    """Makes the next version, by which everybody is looked at anew.

    Raises PreconditionRequired, Stale, SignalPolicyRefused.
    """
    domain.check_terms(terms)
    async with context.database.transaction() as transaction:
        await store.hold_policy(transaction)
        present = await store.policy(transaction)
        check_version(present.version, expected_version)
        following = SignalPolicy(present.version + 1, terms, new_id(), context.clock.now(), by)
        await store.add_policy(transaction, following)
        await store.begin_anew(transaction)
        await scheme.announce(context, transaction)
        await audit.enter(transaction, by, "signal_policy.versioned", following.id)
    return following


async def _look_at(
    context: Context, reader: Connection, ids: Sequence[UUID], terms: SignalTerms
) -> list[tuple[Course, Changes]]:
    """How those customers go of whom something changes, and what."""
    today = context.today()
    courses = await store.courses(reader, ids, today=today, running=context.running_month(), months=terms.months)
    standing = await store.standing(reader, ids)
    looked = [
        (course, domain.settle(course, domain.find(course, terms, today), standing.get(id_, ())))
        for id_, course in courses.items()
    ]
    return [(course, changes) for course, changes in looked if changes]


async def _keep(
    context: Context, transaction: Connection, policy: SignalPolicy, looked: Sequence[tuple[Course, Changes]]
) -> None:
    now = context.clock.now()
    told: list[Event] = []
    begun, over, others = list[Signal](), list[Signal](), list[Signal]()
    for course, changes in looked:
        new = [
            Signal(new_id(), course.customer_id, kind, course.tier, reasons, policy.version, now)
            for kind, reasons in changes.begin
        ]
        ended = [signal.end(cause, now) for signal, cause in changes.end]
        told += [events.ended(each, course.tier, now) for each in ended]
        told += [events.raised(each) for each in new]
        begun, over, others = begun + new, over + ended, others + changes.refresh
    await store.end(transaction, over)
    await store.add(transaction, begun)
    await store.refresh(transaction, others)
    if told:
        await outbox.append(transaction, told)
