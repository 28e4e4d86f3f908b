"""Tiers set by hand: with a reason, until a day; they end by themselves (domain 2.4).

While an override stands, neither purchases nor closes move the customer's tier. What they cause is history to others
(decision 5).
"""

from datetime import datetime
from uuid import UUID

from services.customers.archive.domain import CustomerNotFound
from services.customers.context import Context
from services.customers.heads.store import locks
from services.customers.tiers.domain import months as domain
from services.customers.tiers.domain.months import NoOverride
from services.customers.tiers.handlers.policies import rules
from services.customers.tiers.store import months as store
from services.customers.tiers.store import standing
from services.customers.tiers.store.months import Head, Override, TierChange
from services.customers.tiers.store.standing import Move
from shared.bus import outbox
from shared.bus.event import Event
from shared.contracts.customers import Tier, TierChanged
from shared.db import Connection
from shared.http.preconditions import check_version
from shared.ids import new_id

BATCH = 500


async def set_override(context: Context, new: Override, if_match: str | None, *, viewer: UUID | None) -> int:
    """Sets a customer's tier by hand; If-Match is needed when an override stands. Returns the customer's new version.

    Raises CustomerNotFound, OverrideRefused, PreconditionRequired or Stale.
    """
    domain.check_override(new.until, new.set_at)
    async with context.database.transaction() as transaction:
        head = await _locked(transaction, new.customer_id, viewer)
        if await store.override(transaction, new.customer_id) is not None:
            check_version(if_match, head.version)
            await store.end_overrides(transaction, [new.customer_id], new.set_at)
        await store.add_override(transaction, new)
        await store.set_tier(transaction, new.customer_id, new.tier)
        if new.tier != head.tier:
            await _tell(context, transaction, new, head)
        return head.version + 1


async def _tell(context: Context, transaction: Connection, new: Override, head: Head) -> None:
    earned = await standing.earned(transaction, await rules(context, transaction), new.customer_id)
    assert earned is not None  # noqa: S101  the customer's row is locked
    change = TierChange(
        head.version + 1, head.tier, new.tier, new.set_at, "override", earned.total, earned.policy_version, None
    )
    await store.add_change(transaction, new.customer_id, change)
    fact = TierChanged(
        customer_id=new.customer_id,
        from_tier=change.from_tier,
        to_tier=change.to_tier,
        cause=change.cause,
        total=change.total,
        policy_version=change.policy_version,
        at=change.at,
    )
    event = Event.of(fact, aggregate_id=new.customer_id, version=change.version, at=change.at, historical=True)
    await outbox.append(transaction, [event])


async def end_override(context: Context, customer_id: UUID, if_match: str | None, *, viewer: UUID | None) -> None:
    """Ends the override that stands; the customer gets what its purchases earn.

    Raises CustomerNotFound, NoOverride, PreconditionRequired or Stale.
    """
    async with context.database.transaction() as transaction:
        await locks.many_customers(transaction)
        head = await _locked(transaction, customer_id, viewer)
        if await store.override(transaction, customer_id) is None:
            raise NoOverride("nothing is set by hand for this customer")
        check_version(if_match, head.version)
        await _end(context, transaction, [customer_id])


async def end_due_overrides(context: Context) -> int:
    """Due work: ends what has run out, in batches; returns how many."""
    moment = await next_override_end(context)
    if moment is None or moment > context.clock.now():
        return 0
    async with context.database.transaction() as transaction:
        await locks.many_customers(transaction)
        customers = await store.due_overrides(transaction, context.clock.now(), BATCH)
        await locks.customers(transaction, customers)
        await _end(context, transaction, customers)
        return len(customers)


async def _end(context: Context, transaction: Connection, customers: list[UUID]) -> None:
    now = context.clock.now()
    await store.end_overrides(transaction, customers, now)
    move = Move(now, "override_ended", historical=True)
    await standing.restore(transaction, await rules(context, transaction), move, customers)


async def next_override_end(context: Context) -> datetime | None:
    """When the next override runs out."""
    return await store.next_override_end(context.database)


async def override_of(context: Context, customer_id: UUID, *, viewer: UUID | None) -> tuple[Override, int]:
    """The override that stands and the customer's version. Raises CustomerNotFound or NoOverride."""
    head = await head_of(context, customer_id, viewer=viewer)
    override = await store.override(context.database, customer_id)
    if override is None:
        raise NoOverride("nothing is set by hand for this customer")
    return override, head.version


async def head_of(context: Context, customer_id: UUID, *, viewer: UUID | None) -> Head:
    """Raises CustomerNotFound, also for a customer whom the viewer does not see."""
    head = await store.head(context.database, customer_id, viewer)
    if head is None:
        raise CustomerNotFound("no customer has this id")
    return head


def new_override(
    context: Context, customer_id: UUID, tier: Tier, reason: str, until: datetime, set_by: UUID
) -> Override:
    return Override(new_id(), customer_id, tier, reason, until, set_by, context.clock.now())


async def _locked(transaction: Connection, customer_id: UUID, viewer: UUID | None) -> Head:
    head = await store.locked_head(transaction, customer_id, viewer)
    if head is None:
        raise CustomerNotFound("no customer has this id")
    return head
