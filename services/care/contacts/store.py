"""Sealed contacts in the database; a row opens only under its own customer's id."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Uuid, select
from sqlmodel import col

from services.care.contacts.domain import Reachable
from services.care.contacts.tables import ContactRow
from shared.contracts.care import Channel
from shared.contracts.customers import ContactListed
from shared.db import Connection
from shared.personal import Vault
from shared.phones import is_mobile
from shared.statement import Reader, Statement, any_given, by_column, upsert_many

_KEEP = Statement(upsert_many(ContactRow, "customer_id", "sealed", key=["customer_id"]))
_OF = Statement(
    select(col(ContactRow.customer_id), col(ContactRow.sealed)).where(
        col(ContactRow.customer_id) == any_given("customers", Uuid)
    )
)


async def keep(transaction: Connection, vault: Vault, contacts: Sequence[ContactListed]) -> None:
    """Stores contacts, of each customer one."""
    await _KEEP.execute(transaction, **by_column(_row(vault, contact) for contact in contacts))


async def reachable(
    reader: Reader, vault: Vault, customers: Collection[UUID], zone: ZoneInfo
) -> Mapping[UUID, Reachable]:
    """Those of the customers whose contact has been listed; `zone` holds where theirs is not known."""
    rows = await _OF.all(reader, customers=list(customers))
    return {row["customer_id"]: _opened(vault, row["customer_id"], row["sealed"], zone) for row in rows}


def _row(vault: Vault, contact: ContactListed) -> dict[str, object]:
    id_ = contact.customer_id
    return {"customer_id": id_, "sealed": vault.seal(contact.model_dump_json().encode(), id_.bytes)}


def _opened(vault: Vault, customer_id: UUID, sealed: bytes, company: ZoneInfo) -> Reachable:
    contact = ContactListed.model_validate_json(vault.open(sealed, customer_id.bytes))
    addresses: dict[Channel, str] = {}
    if mobiles := [phone for phone in contact.phones if is_mobile(phone)]:
        addresses["sms"] = mobiles[0]
    if contact.emails:
        addresses["email"] = contact.emails[0]
    return Reachable(contact.name, addresses, contact.language, _zone(contact.time_zone, company))


def _zone(name: str | None, company: ZoneInfo) -> ZoneInfo:
    try:
        return ZoneInfo(name) if name else company
    except (ZoneInfoNotFoundError, ValueError):
        return company
