"""Reads of account teams that answer requests."""

from uuid import UUID

from services.customers.context import Context
from services.customers.teams import store
from services.customers.teams.domain import Team
from shared.references import CustomerNotFound


async def team(context: Context, customer_id: UUID, *, viewer: UUID | None) -> Team:
    """Raises CustomerNotFound, also for a customer whom the viewer does not see."""
    found = await store.team(context.database, customer_id, viewer=viewer)
    if found is None:
        raise CustomerNotFound("no customer has this id")
    return found
