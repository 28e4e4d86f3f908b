"""Customer 360: fills standing facts and sums over purchases from the events of customers."""

from collections.abc import Iterable, Sequence

from services.reporting.context import Context
from services.reporting.customer360 import store
from services.reporting.timeline.domain import NewTimelineEntry
from shared.bus.event import Event
from shared.contracts import customers
from shared.db import Connection
from shared.reactions import latest


async def on_customer_registered(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = [event.read(customers.CustomerRegistered) for event in events]
    await store.keep_registered(transaction, latest(facts, lambda fact: fact.customer_id))


async def on_customer_updated(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = [event.read(customers.CustomerUpdated) for event in events]
    await store.keep_updated(transaction, latest(facts, lambda fact: fact.customer_id))


async def on_account_team_changed(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = [event.read(customers.AccountTeamChanged) for event in events]
    await store.keep_teams(transaction, latest(facts, lambda fact: fact.customer_id))


async def on_tier_changed(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = [event.read(customers.TierChanged) for event in events]
    await store.keep_tiers(transaction, latest(facts, lambda fact: fact.customer_id))


async def on_purchase_recorded(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Adds purchases to their timelines, counts and sums them."""
    facts = [event.read(customers.PurchaseRecorded) for event in events]
    await store.add_purchases(transaction, events[0].type, _priced(events, facts))


async def on_purchase_returned(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """The same for returns, which take away from the sum."""
    facts = [event.read(customers.PurchaseReturned) for event in events]
    await store.add_returns(transaction, events[0].type, _priced(events, facts))


def _priced(
    events: Sequence[Event], facts: Iterable[customers.PurchaseRecorded | customers.PurchaseReturned]
) -> list[NewTimelineEntry]:
    return [
        NewTimelineEntry(fact.customer_id, fact.occurred_at, event.id, event.data, fact.amount)
        for event, fact in zip(events, facts, strict=True)
    ]
