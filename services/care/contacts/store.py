"""Sealed contacts in the database; a row opens only under its own customer's id."""

from collections.abc import Collection, Mapping
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.care.contacts.domain import Reachable
from shared.contracts.care import Channel
from shared.contracts.customers import ContactListed
from shared.db import Connection
from shared.personal import Vault

_KEEP = """
INSERT INTO contact (customer_id, sealed) SELECT * FROM unnest($1::uuid[], $2::bytea[]) AS t(id, sealed) ORDER BY id
ON CONFLICT (customer_id) DO UPDATE SET sealed = EXCLUDED.sealed
"""
_OF = "SELECT customer_id, sealed FROM contact WHERE customer_id = ANY($1::uuid[])"


async def keep(transaction: Connection, vault: Vault, contacts: Mapping[UUID, ContactListed]) -> None:
    sealed = [vault.seal(contact.model_dump_json().encode(), id_.bytes) for id_, contact in contacts.items()]
    await transaction.execute(_KEEP, list(contacts), sealed)


async def reachable(
    reader: Connection, vault: Vault, customers: Collection[UUID], zone: ZoneInfo
) -> Mapping[UUID, Reachable]:
    """Those of the customers whose contact has been listed; `zone` holds where theirs is not known."""
    rows = await reader.fetch(_OF, list(customers))
    return {row["customer_id"]: _opened(vault, row["customer_id"], row["sealed"], zone) for row in rows}


def _opened(vault: Vault, customer_id: UUID, sealed: bytes, company: ZoneInfo) -> Reachable:
    contact = ContactListed.model_validate_json(vault.open(sealed, customer_id.bytes))
    addresses: dict[Channel, str] = {}
    if contact.phones:
        addresses["sms"] = contact.phones[0]
    if contact.emails:
        addresses["email"] = contact.emails[0]
    return Reachable(contact.name, addresses, contact.language, _zone(contact.time_zone, company))


def _zone(name: str | None, company: ZoneInfo) -> ZoneInfo:
    try:
        return ZoneInfo(name) if name else company
    except (ZoneInfoNotFoundError, ValueError):
        return company
