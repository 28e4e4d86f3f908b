"""Keeping how customers are reached, for what complaints sends itself (decision 20)."""

from collections.abc import Sequence

from services.complaints.contacts import store
from services.complaints.context import Context
from services.complaints.customers import store as customers
from shared.bus.event import Event
from shared.contracts.customers import ContactListed
from shared.db import Connection
from shared.projection import by_customer, latest


async def on_contact_listed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to customer.contact."""
    contacts = latest((event.read(ContactListed) for event in events), by_customer)
    gone = await customers.erased(transaction, [contact.customer_id for contact in contacts])
    standing = [contact for contact in contacts if contact.customer_id not in gone]
    await store.keep(transaction, context.contacts, standing)
