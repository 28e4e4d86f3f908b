"""Sealed contacts in the database; a row opens only under its own customer's id."""

from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import col

from services.complaints.contacts.tables import ContactRow
from shared.contracts.customers import ContactListed
from shared.db import Connection
from shared.personal import Vault
from shared.reachable import Reachable
from shared.sealed_contacts import opened_contact, sealed_contact
from shared.statement import Reader, Scalar, Statement, by_column, given, upsert_many

_KEEP = Statement(upsert_many(ContactRow, "customer_id", "sealed", key=["customer_id"]))

_READ = Scalar(select(col(ContactRow.sealed)).where(col(ContactRow.customer_id) == given("customer_id")), bytes)


async def read(reader: Reader, vault: Vault, customer_id: UUID, company: ZoneInfo) -> Reachable | None:
    """How a customer is reached; None while no contact has been told of."""
    sealed = await _READ.one(reader, customer_id=customer_id)
    return opened_contact(vault, customer_id, sealed, company) if sealed is not None else None


async def keep(transaction: Connection, vault: Vault, contacts: Sequence[ContactListed]) -> None:
    """Stores contacts, of each customer one."""
    await _KEEP.execute(transaction, **by_column(sealed_contact(vault, contact) for contact in contacts))
