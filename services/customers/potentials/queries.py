"""Reading what customers could buy, and how that was said before."""

from typing import Final
from uuid import UUID

from sqlmodel import col

from services.customers.context import Context
from services.customers.heads.store import rows
from services.customers.potentials import store
from services.customers.potentials.domain import NoPotential, Potential
from services.customers.potentials.store import POTENTIALS, opened
from services.customers.potentials.tables import PotentialRow
from shared.ids import FROM_THE_END
from shared.statement import Statement, given

_PAST: Final = Statement(POTENTIALS.where(col(PotentialRow.id) < given("before")).limit(given("most")))


async def read(context: Context, customer_id: UUID, *, viewer: UUID | None) -> Potential:
    """What a customer could buy. Raises CustomerNotFound, NoPotential."""
    await rows.head(context.database, customer_id, viewer=viewer)
    found = await store.holds(context.database, context.words, customer_id)
    if found is None:
        raise NoPotential("say it: PUT /customers/v1/customers/{id}/potential")
    return found


async def written(context: Context, customer_id: UUID) -> Potential:
    """What was said just now."""
    found = await store.holds(context.database, context.words, customer_id)
    if found is None:
        raise LookupError("it was said just now")
    return found


async def history(
    context: Context, customer_id: UUID, before: UUID | None, most: int, *, viewer: UUID | None
) -> list[Potential]:
    """All that was said, the latest first. Raises CustomerNotFound."""
    await rows.head(context.database, customer_id, viewer=viewer)
    found = await _PAST.all(context.database, customer_id=customer_id, before=before or FROM_THE_END, most=most)
    return [opened(row, context.words) for row in found]
