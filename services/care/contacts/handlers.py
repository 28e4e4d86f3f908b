"""Keeping contacts; messages that waited for one go on."""

from collections.abc import Sequence

from services.care.accounts import store as accounts
from services.care.contacts import store
from services.care.context import Context
from services.care.messages import store as messages
from shared.bus.event import Event
from shared.contracts.customers import ContactListed
from shared.db import Connection


async def on_contact_listed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to customer.contact, which no other service reads."""
    contacts = {fact.customer_id: fact for fact in (event.read(ContactListed) for event in events)}
    await accounts.ensure(transaction, contacts)
    await accounts.lock(transaction, contacts)
    await store.keep(transaction, context.vaults.contacts, contacts)
    await messages.wake_customers(transaction, contacts, context.clock.now())
