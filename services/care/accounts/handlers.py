"""Keeping what care needs to know of customers."""

from collections.abc import Sequence

from services.care.accounts import store
from services.care.context import Context
from shared.bus.event import Event
from shared.contracts.customers import CustomerUpdated
from shared.db import Connection


async def on_customer_updated(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to customer.updated: the kind may have been corrected."""
    facts = [event.read(CustomerUpdated) for event in events]
    await store.set_kinds(transaction, {fact.customer_id: fact.kind for fact in facts})
