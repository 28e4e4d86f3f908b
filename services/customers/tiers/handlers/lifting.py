"""The lift that purchases of the running month cause at once (domain 2.4, decision 9)."""

from collections.abc import Sequence
from uuid import UUID

from services.customers.context import Context
from services.customers.tiers.domain.standing import Move
from services.customers.tiers.store import standing
from shared.db import Connection


async def lift(
    context: Context, transaction: Connection, customers: Sequence[UUID], *, historical: bool = False
) -> None:
    """Lifts customers at once that crossed a threshold in the running month.

    Their rows are locked by the caller, who has just recorded purchases of the running month.
    """
    move = Move(context.clock.now(), "purchase", historical)
    await standing.lift(transaction, await standing.rules_now(context, transaction), move, customers)
