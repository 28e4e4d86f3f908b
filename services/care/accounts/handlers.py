"""Keeping what care needs to know of customers, and waiting for those it has not heard of yet."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from services.care.accounts import store
from services.care.accounts.store import Account
from services.care.context import Context
from shared.bus.event import Event
from shared.contracts.customers import CustomerUpdated
from shared.db import Connection
from shared.errors import Invalid

_LOOKS = 40
_BETWEEN_LOOKS = 0.05


class UnknownCustomer(Invalid):
    slug = "unknown-customer"
    title = "This customer is not known"


async def known(context: Context, customer_id: UUID) -> Account:
    """The customer, waited for up to two seconds of real time (decision 4); raises UnknownCustomer."""
    for look in range(_LOOKS + 1):
        account = await store.find(context.database, customer_id)
        if account is not None and account.kind is not None:
            return account
        if look < _LOOKS:
            await asyncio.sleep(_BETWEEN_LOOKS)
    raise UnknownCustomer("there is no such customer; register it first, or check the id")


async def take_updated(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to customer.updated: the kind may have been corrected."""
    facts = [event.read(CustomerUpdated) for event in events]
    await store.set_kinds(transaction, {fact.customer_id: fact.kind for fact in facts})
