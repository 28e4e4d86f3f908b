"""What is recorded can be found: after the fact, so that recording waits for nothing."""

from collections.abc import Sequence

from services.complaints.context import Context
from services.complaints.customers import store as customers
from services.complaints.search import store
from shared.bus.event import Event
from shared.contracts.base import CaseFact
from shared.contracts.customers import ContactListed
from shared.db import Connection
from shared.projection import by_customer, latest


async def on_complaint_opened(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Keeps by what new cases are found; history, too, and again where an event comes again."""
    ids = sorted({event.read(CaseFact).complaint_id for event in events})
    await store.keep(transaction, context.words, context.traces, ids)


on_complaint_corrected = on_complaint_opened
"""A name that was put right is a word as well."""


async def on_contact_listed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Keeps by what customers are reached, so that their cases are found by it."""
    contacts = latest((event.read(ContactListed) for event in events), by_customer)
    gone = await customers.erased(transaction, [each.customer_id for each in contacts])
    reached = {each.customer_id: (*each.phones, *each.emails) for each in contacts if each.customer_id not in gone}
    await store.keep_reached(transaction, context.traces, reached)
