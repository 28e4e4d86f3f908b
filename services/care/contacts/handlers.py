"""Keeping contacts; messages that waited for one go on."""

from collections.abc import Sequence

from services.care.accounts import store as accounts
from services.care.contacts import store
from services.care.context import Context
from services.care.messages import store as messages
from shared.bus.event import Event
from shared.contracts.customers import ContactListed, StaffContactListed
from shared.db import Connection
from shared.projection import by_customer, latest


async def on_contact_listed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to customer.contact, which no other service reads."""
    contacts = latest((event.read(ContactListed) for event in events), by_customer)
    customers = [contact.customer_id for contact in contacts]
    await accounts.ensure(transaction, customers)
    await accounts.lock(transaction, customers)
    erased = await accounts.erased(transaction, customers)
    standing = [contact for contact in contacts if contact.customer_id not in erased]
    await store.keep(transaction, context.vaults.contacts, standing)
    await messages.wake_customers(transaction, customers, context.clock.now())


async def on_staff_contact_listed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to staff.contact, which no other service keeps: care sends whatever goes to colleagues (decision 20)."""
    listed = latest((event.read(StaffContactListed) for event in events), lambda contact: contact.staff_id)
    await store.keep_staff(transaction, context.vaults.contacts, listed)
    await messages.wake_staff(transaction, [contact.staff_id for contact in listed], context.clock.now())
