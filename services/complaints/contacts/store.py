"""Sealed contacts in the database; a row opens only under its own customer's id."""

from collections.abc import Sequence

from services.complaints.contacts.tables import ContactRow
from shared.contracts.customers import ContactListed
from shared.db import Connection
from shared.personal import Vault
from shared.sealed_contacts import sealed_contact
from shared.statement import Statement, by_column, upsert_many

_KEEP = Statement(upsert_many(ContactRow, "customer_id", "sealed", key=["customer_id"]))


async def keep(transaction: Connection, vault: Vault, contacts: Sequence[ContactListed]) -> None:
    """Stores contacts, of each customer one."""
    await _KEEP.execute(transaction, **by_column(sealed_contact(vault, contact) for contact in contacts))
