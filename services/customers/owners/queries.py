"""Reading owners with their stores, and whose a store was."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import rows
from services.customers.heads.store.visibility import sees
from services.customers.owners import domain, store
from services.customers.owners.domain import OwnedStore, Owner, OwnerNotFound, Ownership
from shared.ids import FROM_THE_END
from shared.months import Month
from shared.statement import Statement

_STORES: Final = Statement(
    """
    SELECT o.owner_id, c.id AS customer_id, a.name, c.tier, o.since,
        coalesce((SELECT sum(m.amount) FROM month_total m WHERE m.customer_id = c.id AND m.month = :month), 0) AS total
    FROM ownership o JOIN customer c ON c.id = o.customer_id JOIN archive a ON a.customer_id = c.id
    WHERE o.owner_id = ANY(:owners::uuid[]) AND o.until IS NULL AND {seen}
    ORDER BY o.owner_id, total DESC, c.id
    """,
    seen=sees("c.id"),
)
"""By hand: stores with what they bought in one month."""
_PAGE: Final = Statement(
    """
    SELECT w.id, w.version, w.personal, w.customer_id, w.erased_at, w.updated_at, k.sealed_by, k.wrapped
    FROM owner w LEFT JOIN personal_key k ON k.subject_id = w.id
    WHERE w.id < :before AND (CAST(:viewer AS uuid) IS NULL OR EXISTS (
        SELECT FROM ownership o WHERE o.owner_id = w.id AND o.until IS NULL AND {seen}))
    ORDER BY w.id DESC LIMIT :most
    """,
    seen=sees("o.customer_id"),
)


@dataclass(frozen=True, slots=True)
class ReadOwner:
    """An owner with those of their stores that the reader sees, and what these bought together in the month."""

    owner: Owner
    month: Month
    stores: list[OwnedStore]

    @property
    def id(self) -> UUID:
        return self.owner.id

    @property
    def total(self) -> Decimal:
        return domain.total(self.stores)


async def read(context: Context, id_: UUID, month: Month | None, *, viewer: UUID | None) -> ReadOwner:
    """An owner with their stores and what these bought in a month, the running one unless said.

    Raises OwnerNotFound, also for one of whose stores the viewer sees none.
    """
    owner = await store.read(context.database, context.personal, id_)
    asked = month or context.running_month()
    stores = (await _stores(context, [id_], asked, viewer)).get(id_, []) if owner is not None else []
    if owner is None or (viewer is not None and not stores):
        raise OwnerNotFound("no owner has this id")
    return ReadOwner(owner, asked, stores)


async def page(context: Context, before: UUID | None, most: int, *, viewer: UUID | None) -> list[ReadOwner]:
    """Owners of stores that the viewer sees, the latest first, with what these bought in the running month."""
    rows = await _PAGE.all(context.database, before=before or FROM_THE_END, most=most, viewer=viewer)
    owners = [store.opened(row, context.personal) for row in rows]
    month = context.running_month()
    stores = await _stores(context, [each.id for each in owners], month, viewer)
    return [ReadOwner(each, month, stores.get(each.id, [])) for each in owners]


async def history(context: Context, customer_id: UUID, *, viewer: UUID | None) -> list[Ownership]:
    """Whose a store was, the latest first. Raises CustomerNotFound, also for one whom the viewer does not see."""
    await rows.head(context.database, customer_id, viewer=viewer)
    return await store.history(context.database, customer_id)


async def _stores(
    context: Context, owners: list[UUID], month: Month, viewer: UUID | None
) -> Mapping[UUID, list[OwnedStore]]:
    found: dict[UUID, list[OwnedStore]] = {}
    for row in await _STORES.all(context.database, owners=owners, month=month.ordinal, viewer=viewer):
        owned = OwnedStore(row["customer_id"], row["name"], row["tier"], row["total"], row["since"])
        found.setdefault(row["owner_id"], []).append(owned)
    return found
