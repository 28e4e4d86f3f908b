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
from shared.idempotency import KeptAnswers

NOBODY_LEFT = "person erased"
"""Why nothing is owed to them any longer."""
WAS_NONE = "customer withdrawn"
"""The same of who was none."""


async def on_person_erased(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Removes what is kept of each, also when it was removed before, and confirms it."""
    facts = sorted((event.read(PersonErased) for event in events), key=lambda each: each.person_id)
    now, answers = context.clock.now(), KeptAnswers(context.answers)
    everybody = {id_ for fact in facts for id_ in _ids(fact)}
    await answers.look(transaction, everybody)
    whose = sorted({id_ for fact in facts if fact.customer_id is not None for id_ in _ids(fact)})
    await accounts.erase(transaction, whose, now)
    await answers.look(transaction, everybody)
    for fact in facts:
        removed = await _remove(transaction, fact, answers, now)
        confirmed = ErasureConfirmed(erasure_id=fact.erasure_id, service="care", removed=removed, at=now)
        told = Event.of(confirmed, aggregate_id=fact.erasure_id, version=1, at=now, topic=FACTS)
        await outbox.append(transaction, [told])


def _ids(fact: PersonErased) -> list[UUID]:
    return [fact.person_id, *fact.merged_ids]


async def on_customer_withdrawn(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to customer.withdrawn: it was none, so nothing is kept or owed."""
    for customer_id in sorted(event.read(CustomerWithdrawn).customer_id for event in events):
        await _remove_customer(transaction, [customer_id], context.clock.now(), WAS_NONE)


async def _remove(transaction: Connection, fact: PersonErased, answers: KeptAnswers, now: datetime) -> dict[str, int]:
    removed, ids = {}, _ids(fact)
    if fact.customer_id is not None:
        removed = await _remove_customer(transaction, ids, now, NOBODY_LEFT)
    parked = sum([await parking.forget_contacts(transaction, str(each)) for each in ids])
    return {**removed, "parked_contacts": parked, "answers": await answers.forget(transaction, ids)}


async def _remove_customer(
    transaction: Connection, whose: Sequence[UUID], now: datetime, reason: str
) -> dict[str, int]:
    await accounts.erase(transaction, whose, now)
    dropped = await store.open_tasks(transaction, whose)
    await touches.end(transaction, dropped, TaskState.DROPPED, now, reason)
    await outbox.append(transaction, touch_events.dropped(dropped, now, reason))
    return {**await store.forget(transaction, whose), "tasks_dropped": len(dropped)}
