"""Sending what is due: claimed and judged in one transaction, delivered outside of any, marked in another.

A sender that dies in between leaves its lease to run out; the next one sends under the same key, which the provider
has seen already (domain 4.3).
"""

from collections.abc import Sequence
from uuid import UUID

from services.care.context import Context
from services.care.delivery import events
from services.care.delivery.handlers.claiming import claim, log_unreached
from services.care.delivery.handlers.delivering import deliver
from services.care.messages import store as messages
from services.care.messages.domain import MessageState, Outcome
from shared.bus import outbox
from shared.ids import new_id


async def send_due(context: Context) -> int:
    """Judges a batch of due messages and sends those that may go; returns how many were judged."""
    holder = new_id()
    judged, letters = await claim(context, holder)
    if letters:
        await mark(context, await deliver(context, letters), holder)
    return judged


async def mark(context: Context, outcomes: Sequence[Outcome], holder: UUID) -> None:
    """Marks what became of letters and tells of it; letters that another sender has taken over are left to it.

    What a newer message of the same locks meanwhile is marked afterwards, one by one: who waits holds nothing else.
    """
    async with context.database.transaction() as transaction:
        now = context.clock.now()
        marked = await messages.mark_free(transaction, outcomes, holder, now)
        await outbox.append(transaction, events.ended((each for each in outcomes if each.message.id in marked), now))
    for outcome in outcomes:
        if outcome.state is MessageState.FAILED:
            log_unreached(outcome.message, outcome.reason)
    for outcome in outcomes:
        if outcome.message.id not in marked:
            await _mark_one(context, outcome, holder)


async def _mark_one(context: Context, outcome: Outcome, holder: UUID) -> None:
    async with context.database.transaction() as transaction:
        now = context.clock.now()
        if await messages.mark_one(transaction, outcome, holder, now):
            await outbox.append(transaction, events.ended([outcome], now))
