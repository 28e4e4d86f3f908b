"""Reaction to an erasure: what care keeps of the person goes in one transaction, which confirms it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.care.accounts import store as accounts
from services.care.context import Context
from services.care.erasures import store
from services.care.touches import events as touch_events
from services.care.touches import store as touches
from services.care.touches.domain import TaskState
from shared.bus import outbox, parking
from shared.bus.event import Event
from shared.contracts.care import FACTS
from shared.contracts.confirmations import ErasureConfirmed
from shared.contracts.erasures import PersonErased
from shared.contracts.withdrawing import CustomerWithdrawn
from shared.db import Connection
from shared.idempotency import forget_answers

NOBODY_LEFT = "person erased"
"""Why nothing is owed to them any longer."""
WAS_NONE = "customer withdrawn"
"""The same of who was none."""


async def on_person_erased(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Removes what is kept of each, also when it was removed before, and confirms it."""
    for fact in sorted((event.read(PersonErased) for event in events), key=lambda each: each.person_id):
        now = context.clock.now()
        removed = await _remove(context, transaction, fact, now)
        confirmed = ErasureConfirmed(erasure_id=fact.erasure_id, service="care", removed=removed, at=now)
        told = Event.of(confirmed, aggregate_id=fact.erasure_id, version=1, at=now, topic=FACTS)
        await outbox.append(transaction, [told])


async def on_customer_withdrawn(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to customer.withdrawn: it was none, so nothing is kept or owed."""
    for customer_id in sorted(event.read(CustomerWithdrawn).customer_id for event in events):
        await _remove_customer(transaction, [customer_id], context.clock.now(), WAS_NONE)


async def _remove(context: Context, transaction: Connection, fact: PersonErased, now: datetime) -> dict[str, int]:
    removed = {}
    if fact.customer_id is not None:
        whose = [fact.customer_id, *fact.merged_ids]
        removed = await _remove_customer(transaction, whose, now, NOBODY_LEFT)
    ids = [fact.person_id, *fact.merged_ids]
    parked = sum([await parking.forget_contacts(transaction, str(each)) for each in ids])
    answers = await forget_answers(transaction, context.answers, set(ids))
    return {**removed, "parked_contacts": parked, "answers": answers}


async def _remove_customer(
    transaction: Connection, whose: Sequence[UUID], now: datetime, reason: str
) -> dict[str, int]:
    await accounts.erase(transaction, whose, now)
    dropped = await store.open_tasks(transaction, whose)
    await touches.end(transaction, dropped, TaskState.DROPPED, now, reason)
    await outbox.append(transaction, touch_events.dropped(dropped, now, reason))
    return {**await store.forget(transaction, whose), "tasks_dropped": len(dropped)}
