"""Reading traits."""

from typing import Final
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store.visibility import sees
from services.customers.personal_keys.store import key_in
from services.customers.traits import store
from services.customers.traits.domain import ReadTraits, TraitKind, Traits
from shared.references import CustomerNotFound
from shared.statement import Statement

_ONE: Final = Statement(
    """
    SELECT t.version, t.size_m2, t.staff_count, t.funds, t.shelf_share, t.more, t.sealed, t.changed_at,
        k.sealed_by, k.wrapped
    FROM customer c LEFT JOIN traits t ON t.customer_id = c.id LEFT JOIN personal_key k ON k.subject_id = c.id
    WHERE c.id = :id AND {seen}
    """,
    seen=sees("c.id"),
)
"""By hand: a customer without traits is there as well."""


async def read(context: Context, customer_id: UUID, *, viewer: UUID | None) -> ReadTraits:
    """Raises CustomerNotFound, also for a customer whom the viewer does not see."""
    row = await _ONE.one(context.database, id=customer_id, viewer=viewer)
    if row is None:
        raise CustomerNotFound("no customer has this id")
    known = await store.kinds_by_code(context.database)
    if row["version"] is None:
        return ReadTraits(customer_id, Traits(), known)
    sealer = context.personal.of(customer_id, key_in(row))
    return ReadTraits(customer_id, store.opened(row, customer_id, sealer, known), known)


async def kinds(context: Context) -> list[TraitKind]:
    """Every kind, in the order in which they were added."""
    return list((await store.kinds_by_code(context.database)).values())
