"""Merges that answer requests."""

from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import rows
from services.customers.merging.domain import Merge
from services.customers.merging.store import merges
from shared.ids import FROM_THE_END

"""After every merge."""


async def merges_of(context: Context, customer_id: UUID, before: UUID | None, most: int) -> list[Merge]:
    """Merges of a customer, those into it and its own, the latest first. Raises CustomerNotFound."""
    found = await merges.merges_of(context.database, context.words, customer_id, before or FROM_THE_END, most)
    if not found:  # who was merged is among them
        await rows.head(context.database, customer_id, viewer=None)
    return found
