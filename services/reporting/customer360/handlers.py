"""Customer 360: fills standing facts and sums over purchases from the events of customers."""

from collections.abc import Sequence

from services.reporting.context import Context
from services.reporting.customer360 import store
from services.reporting.customer360.domain import Undone
from services.reporting.timeline.domain import NewTimelineEntry
from shared.bus.event import Event
from shared.contracts import customers, withdrawing
from shared.db import Connection
from shared.projection import Projection

on_customer_registered = Projection(
    customers.CustomerRegistered,
    store.KEEP_REGISTERED,
    lambda fact: {
        "id": fact.customer_id,
        "kind": fact.kind,
        "external_no": fact.external_no,
        "region_id": fact.region_id,
        "tier": fact.tier,
        "tier_since": fact.registered_at,
        "registered_at": fact.registered_at,
    },
)
on_customer_withdrawn = Projection(
    withdrawing.CustomerWithdrawn,
    store.KEEP_WITHDRAWN,
    lambda fact: {"id": fact.customer_id, "withdrawn_at": fact.at},
)
on_customer_updated = Projection(
    customers.CustomerUpdated,
    store.KEEP_UPDATED,
    lambda fact: {
        "id": fact.customer_id,
        "kind": fact.kind,
        "external_no": fact.external_no,
        "region_id": fact.region_id,
        "registered_at": fact.registered_at,
    },
)
on_account_team_changed = Projection(
    customers.AccountTeamChanged,
    store.KEEP_TEAM,
    lambda fact: {"id": fact.customer_id, "team": fact.team},
)
on_tier_changed = Projection(
    customers.TierChanged,
    store.KEEP_TIER,
    lambda fact: {"id": fact.customer_id, "tier": fact.to_tier, "tier_since": fact.at},
)


async def on_purchase_recorded(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Adds purchases to their timelines, counts and sums them."""
    entries = [_entry(event, event.read(customers.PurchaseRecorded)) for event in events]
    await store.add_purchases(transaction, events[0].type, entries)


async def on_purchase_returned(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """The same for returns, which take away from the sum."""
    entries = [_entry(event, event.read(customers.PurchaseReturned)) for event in events]
    await store.add_returns(transaction, events[0].type, entries)


async def on_purchase_reversed(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """An entry was a mistake: it stays in the timeline, beside its undoing, and counts no more."""
    facts = [(event, event.read(customers.PurchaseReversed)) for event in events]
    entries = [NewTimelineEntry(fact.customer_id, fact.at, event.id, event.data, fact.amount) for event, fact in facts]
    undone = [Undone(fact.customer_id, fact.occurred_at, fact.return_id or fact.purchase_id) for _, fact in facts]
    await store.undo(transaction, events[0].type, entries, undone)


def _entry(event: Event, fact: customers.PurchaseRecorded | customers.PurchaseReturned) -> NewTimelineEntry:
    return NewTimelineEntry(fact.customer_id, fact.occurred_at, event.id, event.data, fact.amount)
