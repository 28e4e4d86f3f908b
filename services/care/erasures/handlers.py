"""Reaction to an erasure: what care keeps of the person goes in one transaction, which confirms it."""

from collections.abc import Sequence
from datetime import datetime

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
from shared.db import Connection
from shared.idempotency import forget_answers

NOBODY_LEFT = "person erased"
"""Why nothing is owed to them any longer."""


async def on_person_erased(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Removes what is kept of each, also when it was removed before, and confirms it."""
    for fact in sorted((event.read(PersonErased) for event in events), key=lambda each: each.person_id):
        now = context.clock.now()
        removed = await _remove(context, transaction, fact, now)
        confirmed = ErasureConfirmed(erasure_id=fact.erasure_id, service="care", removed=removed, at=now)
        told = Event.of(confirmed, aggregate_id=fact.erasure_id, version=1, at=now, topic=FACTS)
        await outbox.append(transaction, [told])


async def _remove(context: Context, transaction: Connection, fact: PersonErased, now: datetime) -> dict[str, int]:
    removed = {}
    if fact.customer_id is not None:
        await accounts.erase(transaction, fact.customer_id, now)
        dropped = await store.open_tasks(transaction, fact.customer_id)
        await touches.end(transaction, dropped, TaskState.DROPPED, now, NOBODY_LEFT)
        await outbox.append(transaction, touch_events.dropped(dropped, now, NOBODY_LEFT))
        removed = {**await store.forget(transaction, fact.customer_id), "tasks_dropped": len(dropped)}
    parked = await parking.forget_contacts(transaction, str(fact.person_id))
    answers = await forget_answers(transaction, context.answers, {fact.person_id})
    return {**removed, "parked_contacts": parked, "answers": answers}
