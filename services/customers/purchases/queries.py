"""Reads of purchases that answer requests."""

from datetime import datetime
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store.visibility import sees
from services.customers.purchases import store
from services.customers.purchases.domain import Purchase, PurchaseNotFound
from services.customers.purchases.store import COLUMNS, purchase_of

_NEWEST_FIRST = f"""
SELECT {COLUMNS} FROM purchase
WHERE customer_id = $1 AND ($2::timestamptz IS NULL OR (occurred_at, id) < ($2, $3::uuid)) AND {sees("$5", "$1::uuid")}
ORDER BY occurred_at DESC, id DESC LIMIT $4
"""  # noqa: S608  constant column list


async def purchase(context: Context, purchase_id: UUID, *, viewer: UUID | None) -> Purchase:
    """Raises PurchaseNotFound, also for one of a customer whom the viewer does not see."""
    found = await store.purchase(context.database, purchase_id, viewer=viewer)
    if found is None:
        raise PurchaseNotFound("no purchase has this id")
    return found


async def newest_first(
    context: Context, customer_id: UUID, after: tuple[datetime, UUID] | None, limit: int, *, viewer: UUID | None
) -> list[Purchase]:
    """A customer's purchases and returns after the given place, at most `limit`; none when the viewer sees none."""
    moment, id_ = after or (None, None)
    rows = await context.database.fetch(_NEWEST_FIRST, customer_id, moment, id_, limit, viewer)
    return [purchase_of(row) for row in rows]
