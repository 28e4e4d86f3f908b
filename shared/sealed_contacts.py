"""Contacts of customers as rows: as they were listed, sealed under the customer's id.

The services that may know them (decision 20) each have a table of such rows and a vault of their own.
"""

from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from shared.contracts.customers import ContactListed
from shared.personal import Vault
from shared.reachable import Reachable


def sealed_contact(vault: Vault, contact: ContactListed) -> dict[str, object]:
    """The row in which a contact is kept."""
    id_ = contact.customer_id
    return {"customer_id": id_, "sealed": vault.seal(contact.model_dump_json().encode(), id_.bytes)}


def opened_name(vault: Vault, customer_id: UUID, sealed: bytes) -> str:
    """What the customer of a row is called."""
    return str(orjson.loads(vault.open(sealed, customer_id.bytes))["name"])


def opened_contact(vault: Vault, customer_id: UUID, sealed: bytes, company: ZoneInfo) -> Reachable:
    """How the customer of a row is reached; the company's zone holds where theirs is not known."""
    contact = ContactListed.model_validate_json(vault.open(sealed, customer_id.bytes))
    return Reachable.by(contact, company)
