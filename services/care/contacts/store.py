"""Sealed contacts in the database; a row opens only under its own customer's id."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from asyncpg import Record
from sqlalchemy import Uuid, select, update
from sqlmodel import col

from services.care.contacts.domain import WorkContact
from services.care.contacts.tables import ContactRow, StaffContactRow
from shared.contracts.customers import ContactListed, StaffContactListed
from shared.db import Connection
from shared.directory_schema import STAFF
from shared.personal import Vault
from shared.reachable import Reachable
from shared.robots import GroupRobot
from shared.sealed_contacts import opened_contact, sealed_contact
from shared.statement import Reader, Statement, any_given, by_column, upsert_many

_KEEP = Statement(upsert_many(ContactRow, "customer_id", "sealed", key=["customer_id"]))
_OF = Statement(
    select(col(ContactRow.customer_id), col(ContactRow.sealed)).where(
        col(ContactRow.customer_id) == any_given("customers", Uuid)
    )
)
_KEEP_STAFF = Statement(upsert_many(StaffContactRow, "staff_id", "sealed", key=["staff_id"]))
_OF_STAFF = Statement(
    select(STAFF.c.id, STAFF.c.channel, STAFF.c.address, col(StaffContactRow.sealed))
    .join_from(STAFF, StaffContactRow, col(StaffContactRow.staff_id) == STAFF.c.id, isouter=True)
    .where(STAFF.c.id == any_given("staff", Uuid))
)
_FORGET_LISTED = Statement(
    update(STAFF).values(address=None).where(STAFF.c.id == any_given("staff", Uuid), STAFF.c.address.is_not(None))
)


async def keep(transaction: Connection, vault: Vault, contacts: Sequence[ContactListed]) -> None:
    """Stores contacts, of each customer one."""
    if contacts:
        await _KEEP.execute(transaction, **by_column(sealed_contact(vault, contact) for contact in contacts))


async def reachable(
    reader: Reader, vault: Vault, customers: Collection[UUID], zone: ZoneInfo
) -> Mapping[UUID, Reachable]:
    """Those of the customers whose contact has been listed; `zone` holds where theirs is not known."""
    rows = await _OF.all(reader, customers=list(customers))
    return {row["customer_id"]: opened_contact(vault, row["customer_id"], row["sealed"], zone) for row in rows}


async def keep_staff(transaction: Connection, vault: Vault, contacts: Sequence[StaffContactListed]) -> None:
    """Stores where colleagues are reached, of each once; what older releases listed in the open is forgotten."""
    await _KEEP_STAFF.execute(transaction, **by_column(_staff_row(vault, contact) for contact in contacts))
    await _FORGET_LISTED.execute(transaction, staff=[contact.staff_id for contact in contacts])


async def of_staff(reader: Reader, vault: Vault, staff: Collection[UUID]) -> Mapping[UUID, WorkContact]:
    """Where those are reached of whom it is known: by their contact or, until it comes, by an older release's listing.

    A colleague whose contact has not come is left out; one who has no address has a contact that says so.
    """
    found = {row["id"]: _work_contact(vault, row) for row in await _OF_STAFF.all(reader, staff=list(staff))}
    return {id_: contact for id_, contact in found.items() if contact is not None}


def _staff_row(vault: Vault, contact: StaffContactListed) -> dict[str, object]:
    id_ = contact.staff_id
    return {"staff_id": id_, "sealed": vault.seal(contact.model_dump_json().encode(), id_.bytes)}


def _work_contact(vault: Vault, row: Record) -> WorkContact | None:
    if row["sealed"] is None:
        return WorkContact(row["channel"], row["address"]) if row["address"] else None
    contact = StaffContactListed.model_validate_json(vault.open(row["sealed"], row["id"].bytes))
    robot = GroupRobot(contact.robot, contact.secret) if contact.robot else None
    return WorkContact(contact.channel, contact.address, robot)
