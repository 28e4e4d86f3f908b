"""What seals the values of a customer, also those beside the archive: traits, notes, what the history keeps."""

from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col

from services.customers.archive.domain import Customer
from services.customers.archive.store import sealing
from services.customers.archive.store.customers import by_ids
from services.customers.archive.tables import ArchiveRow
from services.customers.heads.tables import CustomerRow
from services.customers.personal_keys import store as keys
from services.customers.personal_keys.tables import PersonalKeyRow
from shared.db import Connection
from shared.key_ring import PersonalVault, Sealer
from shared.statement import Scalar, Statement, by_column, given, update_many

_WITHOUT_KEY = Scalar(
    select(col(ArchiveRow.customer_id))
    .join(CustomerRow, col(CustomerRow.id) == col(ArchiveRow.customer_id))
    .where(
        col(ArchiveRow.kind) == "person",
        col(ArchiveRow.erased_at).is_(None),
        col(ArchiveRow.customer_id) > given("after"),
        ~select(PersonalKeyRow).where(col(PersonalKeyRow.subject_id) == col(ArchiveRow.customer_id)).exists(),
    )
    .order_by(col(ArchiveRow.customer_id))
    .limit(given("most"))
    .with_for_update(key_share=True, of=CustomerRow),
    UUID,
)
_SEAL_MANY_AGAIN = Statement(update_many(ArchiveRow, "customer_id", "personal", key=["customer_id"]))
_SEAL_AGAIN = Statement(
    update(ArchiveRow).values(personal=given("personal")).where(col(ArchiveRow.customer_id) == given("id"))
)


async def own_sealer(transaction: Connection, customer: Customer, personal: PersonalVault) -> Sealer:
    """A held customer's. A person of an older release is given a key, and the archive is sealed anew under it."""
    if customer.profile.kind == "store":
        return personal.service
    standing = await keys.standing(transaction, customer.id)
    if standing is not None:
        return personal.of(customer.id, standing)
    sealer = await sealer_to_write(transaction, customer, personal)
    await _SEAL_AGAIN.execute(transaction, id=customer.id, personal=sealing.seal(sealer, customer.id, customer.profile))
    return sealer


async def sealer_to_write(transaction: Connection, customer: Customer, personal: PersonalVault) -> Sealer:
    """The same for whoever writes the archive next; a person's key is made at need."""
    if customer.profile.kind == "store":
        return personal.service
    return personal.of(customer.id, await keys.key_for(transaction, personal.ring, customer.id))


async def give_keys(transaction: Connection, after: UUID, most: int, personal: PersonalVault) -> list[UUID]:
    """Seals the next persons without a key, in the order of their ids, under one of their own; returns who they were.

    They are read once they are held, since what was read before might have changed.
    """
    ids = await _WITHOUT_KEY.all(transaction, after=after, most=most)
    found = await by_ids(transaction, ids, personal)
    made = await keys.keys_for(transaction, personal.ring, ids) if ids else {}
    if found:
        sealed = (
            {
                "customer_id": each.id,
                "personal": sealing.seal(personal.of(each.id, made[each.id]), each.id, each.profile),
            }
            for each in found
        )
        await _SEAL_MANY_AGAIN.execute(transaction, **by_column(sealed))
    return ids
