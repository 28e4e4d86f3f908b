"""What seals the values of a customer that lie beside the archive: traits, notes, what the history keeps."""

from sqlalchemy import update
from sqlmodel import col

from services.customers.archive.domain import Customer
from services.customers.archive.store import sealing
from services.customers.archive.tables import ArchiveRow
from services.customers.personal_keys import store as keys
from shared.db import Connection
from shared.key_ring import PersonalVault, Sealer
from shared.statement import Statement, given

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
