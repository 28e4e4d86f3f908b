"""Customers whom a request names: waited for until they are known, and seen by whom they concern."""

import asyncio
from uuid import UUID

from services.care.accounts import store
from services.care.accounts.domain import Account, CustomerNotFound, UnknownCustomer
from shared import directory
from shared.db import Database

_LOOKS = 40
_BETWEEN_LOOKS = 0.05


async def known(database: Database, customer_id: UUID) -> Account:
    """The customer, waited for up to two seconds of real time (decision 4); raises UnknownCustomer."""
    for look in range(_LOOKS + 1):
        account = await store.find(database, customer_id)
        if account is not None and account.kind is not None:
            return account
        if look < _LOOKS:
            await asyncio.sleep(_BETWEEN_LOOKS)
    raise UnknownCustomer("there is no such customer; register it first, or check the id")


async def check_visible(database: Database, account: Account, *, viewer: UUID | None) -> None:
    """Raises CustomerNotFound unless the customer is one whom `viewer` sees (None: everybody)."""
    team = set(account.team.values())
    if viewer is None or viewer in team:
        return
    if team.isdisjoint(await directory.subordinates(database, viewer)):
        raise CustomerNotFound("there is no such customer among yours")
