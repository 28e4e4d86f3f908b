"""The head of one customer: read, locked, given another tier."""

from typing import Any
from uuid import UUID

from services.customers.heads.domain import CustomerNotFound, Head
from services.customers.heads.store.visibility import sees
from shared.contracts.customers import Tier
from shared.db import Connection, Database

_HEAD = f"SELECT c.version, c.tier FROM customer c WHERE c.id = $1 AND {sees('$2', 'c.id')}"  # noqa: S608  names of ours
_LOCKED = f"{_HEAD} FOR NO KEY UPDATE OF c"
_SET_TIER = "UPDATE customer SET tier = $2, version = version + 1 WHERE id = $1"


async def head(reader: Database, customer_id: UUID, *, viewer: UUID | None) -> Head:
    """Raises CustomerNotFound, also for a customer whom the viewer does not see."""
    return _found(await reader.fetchrow(_HEAD, customer_id, viewer))


async def locked(transaction: Connection, customer_id: UUID, *, viewer: UUID | None) -> Head:
    """Locks the row until the transaction ends. Raises CustomerNotFound as `head` does."""
    return _found(await transaction.fetchrow(_LOCKED, customer_id, viewer))


async def set_tier(transaction: Connection, customer_id: UUID, tier: Tier) -> None:
    """Sets the standing tier of a locked customer and counts its version up, also when the tier stays."""
    await transaction.execute(_SET_TIER, customer_id, tier)


def _found(row: Any) -> Head:
    if row is None:
        raise CustomerNotFound("no customer has this id")
    return Head(**row)
