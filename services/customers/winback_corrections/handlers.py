"""Putting right what was said to have come of a win-back case."""

from dataclasses import replace
from uuid import UUID

from services.customers.context import Context
from services.customers.winback_corrections.domain import corrected
from services.customers.winbacks import events, store
from services.customers.winbacks import handlers as winning_back
from services.customers.winbacks.domain import EndOfTrying, Winback
from shared import audit
from shared.bus import outbox


async def correct(
    context: Context, id_: UUID, outcome: EndOfTrying, reason: str, *, by: UUID, viewer: UUID | None
) -> Winback:
    """Says anew what came of a case; of who was erased no reason is written. Raises WinbackNotFound, WinbackGoesOn."""
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        before = await winning_back.held(transaction, id_, viewer)
        words = await winning_back.sealed(context, transaction, before, reason)
        observed = (await store.policy_of(transaction, before.policy_version)).observed_days
        after = corrected(before, outcome, now, by, words, observed_days=observed)
        await store.save(transaction, replace(after, updated_at=now))
        await outbox.append(transaction, [events.ended(after)])
        await audit.enter(transaction, by, "winback.corrected", id_)
    return after
