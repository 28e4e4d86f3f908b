"""The head of one customer: read, locked, given another tier."""

from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col

from services.customers.heads.domain import Head
from services.customers.heads.store.visibility import visible
from services.customers.heads.tables import CustomerRow
from shared.contracts.customers import Tier
from shared.db import Connection
from shared.references import CustomerNotFound
from shared.statement import Reader, Statement, given

_SEEN = select(col(CustomerRow.version), col(CustomerRow.tier)).where(
    col(CustomerRow.id) == given("id"), visible("customer.id")
)
_HEAD = Statement(_SEEN, Head)
_LOCKED = Statement(_SEEN.with_for_update(key_share=True, of=CustomerRow), Head)
_SET_TIER = Statement(
    update(CustomerRow)
    .values(tier=given("tier"), version=col(CustomerRow.version) + 1)
    .where(col(CustomerRow.id) == given("id"))
)


async def head(reader: Reader, customer_id: UUID, *, viewer: UUID | None) -> Head:
    """Raises CustomerNotFound, also for a customer whom the viewer does not see."""
    return _found(await _HEAD.one(reader, id=customer_id, viewer=viewer))


async def locked(transaction: Connection, customer_id: UUID, *, viewer: UUID | None) -> Head:
    """Locks the row until the transaction ends. Raises CustomerNotFound as `head` does."""
    return _found(await _LOCKED.one(transaction, id=customer_id, viewer=viewer))


async def set_tier(transaction: Connection, customer_id: UUID, tier: Tier) -> None:
    """Sets the standing tier of a locked customer and counts its version up, also when the tier stays."""
    await _SET_TIER.execute(transaction, id=customer_id, tier=tier)


def _found(head: Head | None) -> Head:
    if head is None:
        raise CustomerNotFound("no customer has this id")
    return head
