"""Keeping how customers are reached, for what complaints sends itself (decision 20)."""

from collections.abc import Sequence

from services.complaints.contacts import store
from services.complaints.context import Context
from shared.bus.event import Event
from shared.contracts.customers import ContactListed
from shared.db import Connection
from shared.projection import by_customer, latest


async def on_contact_listed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to customer.contact."""
    contacts = latest((event.read(ContactListed) for event in events), by_customer)
    await store.keep(transaction, context.contacts, contacts)
