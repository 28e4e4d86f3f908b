"""What complaints hears of purchases: what a customer buys in a year, and who bought a batch. It tells nobody."""

from collections.abc import Sequence

from services.complaints.context import Context
from services.complaints.purchases import store
from services.complaints.purchases.domain import PurchaseFact, bought_batches, month_sums
from shared.bus.event import Event
from shared.contracts.customers import PurchaseRecorded, PurchaseReturned, PurchaseReversed
from shared.db import Connection


async def on_purchase_recorded(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to purchase.recorded; history counts, too."""
    await _keep(context, transaction, [event.read(PurchaseRecorded) for event in events])


async def on_purchase_returned(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to purchase.returned: what it takes away."""
    await _keep(context, transaction, [event.read(PurchaseReturned) for event in events])


async def on_purchase_reversed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to purchase.reversed: the entry counts nowhere."""
    await _keep(context, transaction, [event.read(PurchaseReversed) for event in events])


async def _keep(context: Context, transaction: Connection, facts: Sequence[PurchaseFact]) -> None:
    await store.add_sums(transaction, month_sums(facts, context.zone))
    await store.add_batches(transaction, bought_batches(facts))
