"""Tiers set by hand: with a reason, until a day; they end by themselves (domain 2.4).

While an override stands, neither purchases nor closes move the customer's tier. What they cause is history to others
(decision 5).
"""

from collections.abc import Sequence
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.domain import Head
from services.customers.heads.store import erasing, locks, rows
from services.customers.tiers import events, queries
from services.customers.tiers.domain.overrides import (
    Override,
    OverrideAsked,
    OverrideNotFound,
    check_override,
    override_ends,
)
from services.customers.tiers.domain.standing import Move, TierChange
from services.customers.tiers.store import overrides, standing
from shared import audit
from shared.bus import outbox
from shared.db import Connection
from shared.ids import new_id
from shared.versions import check_version

BATCH = 500


async def set_override(
    context: Context,
    customer_id: UUID,
    asked: OverrideAsked,
    *,
    expected_version: int | None,
    by: UUID,
    viewer: UUID | None,
) -> tuple[Override, int]:
    """Sets a customer's tier by hand, also answers the new version. One is expected when an override stands already.

    Raises CustomerNotFound, Erased, OverrideRefused, PreconditionRequired or Stale.
    """
    now, until = context.clock.now(), override_ends(asked.until, context.zone)
    check_override(until, now)
    new = Override(new_id(), customer_id, asked.tier, asked.reason, until, by, now)
    async with context.database.transaction() as transaction:
        head = await rows.locked(transaction, customer_id, viewer=viewer)
        await erasing.check(transaction, customer_id)
        if await overrides.is_overridden(transaction, customer_id):
            check_version(head.version, expected_version)
            await overrides.end_overrides(transaction, [customer_id], now)
        await overrides.add_override(transaction, new, context.words)
        await rows.set_tier(transaction, customer_id, new.tier)
        await _announce(context, transaction, new, head)
        await audit.enter(transaction, by, "tier.overridden", customer_id)
        return new, head.version + 1


async def _announce(context: Context, transaction: Connection, new: Override, head: Head) -> None:
    """Also of one that keeps the tier, for a version never rises without an event; the history has no line of it."""
    rules = await standing.rules_on(transaction, context.today())
    earned = await standing.earned(transaction, rules, new.customer_id)
    assert earned is not None  # noqa: S101  the customer's row is locked
    change = TierChange(
        head.version + 1, head.tier, new.tier, new.set_at, "override", earned.total, earned.policy_version, None
    )
    if new.tier != head.tier:
        await overrides.add_change(transaction, new.customer_id, change)
    await outbox.append(transaction, [events.tier_set(new.customer_id, change)])


async def end_override(
    context: Context, customer_id: UUID, *, expected_version: int | None, by: UUID, viewer: UUID | None
) -> None:
    """Ends the override that stands; the customer gets what its purchases earn.

    Raises CustomerNotFound, OverrideNotFound, PreconditionRequired or Stale.
    """
    async with context.database.transaction() as transaction:
        await locks.many_customers(transaction)
        head = await rows.locked(transaction, customer_id, viewer=viewer)
        if not await overrides.is_overridden(transaction, customer_id):
            raise OverrideNotFound("nothing is set by hand for this customer")
        check_version(head.version, expected_version)
        await _end(context, transaction, [customer_id])
        await audit.enter(transaction, by, "tier.override_ended", customer_id)


async def end_due_overrides(context: Context) -> int:
    """Due work: ends what has run out, in batches; returns how many."""
    moment = await queries.next_override_end(context)
    if moment is None or moment > context.clock.now():
        return 0
    async with context.database.transaction() as transaction:
        await locks.many_customers(transaction)
        customers = await overrides.due_overrides(transaction, context.clock.now(), BATCH)
        await locks.customers(transaction, customers)
        await _end(context, transaction, customers)
        return len(customers)


async def seal_reasons(context: Context) -> int:
    """Due work: seals reasons that an earlier release wrote in the open, in batches; returns how many."""
    async with context.database.transaction() as transaction:
        return await overrides.seal_reasons(transaction, context.words, BATCH)


async def _end(context: Context, transaction: Connection, customers: Sequence[UUID]) -> None:
    now = context.clock.now()
    await overrides.end_overrides(transaction, customers, now)
    move = Move(now, "override_ended", historical=True)
    await standing.restore(transaction, await standing.rules_on(transaction, context.today()), move, customers)
