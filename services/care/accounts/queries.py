"""Customers whom a request names: waited for until they are known, and seen by whom they concern."""

from uuid import UUID

from services.care.accounts import store
from services.care.accounts.domain import Account
from shared import directory
from shared.db import Database
from shared.references import CustomerNotFound, UnknownCustomer
from shared.statement import Reader

_NOT_YOURS = "there is no such customer among yours; check the id"


async def known(database: Database, customer_id: UUID) -> Account:
    """The customer, waited for until the event of their registration has come; raises UnknownCustomer."""

    async def look() -> Account | None:
        account = await store.find(database, customer_id)
        return account if account and account.kind else None

    account = await database.waiting.until_heard_of(look)
    if account is None:
        raise UnknownCustomer("there is no such customer; register it first, or check the id")
    return account


async def known_to(database: Database, customer_id: UUID, *, viewer: UUID | None) -> Account:
    """The customer whom a body names: known, and one whom `viewer` sees (None: everybody).

    Raises UnknownCustomer, after the same wait for one who is another's.
    """

    async def look() -> Account | None:
        account = await store.find(database, customer_id)
        return account if account and account.kind and await _sees(database, account, viewer) else None

    account = await database.waiting.until_heard_of(look)
    if account is None:
        raise UnknownCustomer(_NOT_YOURS, pointer="#/customer_id")
    return account


async def read(database: Database, customer_id: UUID, *, viewer: UUID | None) -> Account:
    """The customer whom a path names, as `known_to`; raises CustomerNotFound."""
    try:
        return await known_to(database, customer_id, viewer=viewer)
    except UnknownCustomer as unknown:
        raise CustomerNotFound(unknown.detail) from None


async def check_visible(reader: Reader, customer_id: UUID, *, viewer: UUID | None) -> None:
    """Raises CustomerNotFound unless it is a customer whom `viewer` sees (None: everybody)."""
    account = await store.find(reader, customer_id)
    if account is None or not await _sees(reader, account, viewer):
        raise CustomerNotFound(_NOT_YOURS)


async def _sees(reader: Reader, account: Account, viewer: UUID | None) -> bool:
    team = set(account.team.values())
    if viewer is None or viewer in team:
        return True
    return not team.isdisjoint(await directory.subordinates(reader, viewer))
