"""Sealed contacts in the database; a row opens only under its own customer's id."""

from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Uuid, select
from sqlmodel import col

from services.complaints.contacts.tables import ContactRow
from shared.contracts.customers import ContactListed
from shared.db import Connection
from shared.personal import Vault
from shared.reachable import Reachable
from shared.sealed_contacts import opened_contact, opened_name, sealed_contact
from shared.statement import Reader, Scalar, Statement, any_given, by_column, given, upsert_many

_KEEP = Statement(upsert_many(ContactRow, "customer_id", "sealed", key=["customer_id"]))

_READ = Scalar(select(col(ContactRow.sealed)).where(col(ContactRow.customer_id) == given("customer_id")), bytes)

_SEALED = Statement(
    select(col(ContactRow.customer_id), col(ContactRow.sealed)).where(
        col(ContactRow.customer_id) == any_given("ids", Uuid)
    )
)


async def read(reader: Reader, vault: Vault, customer_id: UUID, company: ZoneInfo) -> Reachable | None:
    """How a customer is reached; None while no contact has been told of."""
    sealed = await _READ.one(reader, customer_id=customer_id)
    return opened_contact(vault, customer_id, sealed, company) if sealed is not None else None


async def names(reader: Reader, vault: Vault, customers: Sequence[UUID]) -> dict[UUID, str]:
    """What these customers are called, as far as contacts have been told of."""
    rows = await _SEALED.all(reader, ids=list(customers))
    return {row["customer_id"]: opened_name(vault, row["customer_id"], row["sealed"]) for row in rows}


async def keep(transaction: Connection, vault: Vault, contacts: Sequence[ContactListed]) -> None:
    """Stores contacts, of each customer one."""
    if contacts:
        await _KEEP.execute(transaction, **by_column(sealed_contact(vault, contact) for contact in contacts))
