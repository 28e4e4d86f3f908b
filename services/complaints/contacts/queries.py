"""What customers are called, for those who see their cases."""

from collections.abc import Collection
from uuid import UUID

from services.complaints.contacts import store
from services.complaints.context import Context
from shared import directory


async def names_of(context: Context, customers: Collection[UUID]) -> dict[UUID, str]:
    """The names of these customers: a store's from the directory, a person's as it was listed with their contact; who
    has not been told of has none."""
    if not customers:
        return {}
    stores = await directory.names(context.database, list(customers))
    others = [id_ for id_ in customers if id_ not in stores]
    return stores | (await store.names(context.database, context.contacts, others) if others else {})
