"""The lift that purchases of the running month cause at once (domain 2.4, decision 9), and its undoing."""

from collections.abc import Sequence
from uuid import UUID

from services.customers.context import Context
from services.customers.tiers.domain.standing import Move
from services.customers.tiers.store import months, standing
from shared.contracts.customers import Tier
from shared.db import Connection
from shared.months import Month


async def raise_to(context: Context, transaction: Connection, customer_id: UUID, at_least: Tier) -> None:
    """Gives a customer who has more purchases than before what these earn, and no less than the tier given.

    The caller holds books and rows; only a close lowers what stands.
    """
    move = Move(context.clock.now(), "revision", historical=False)
    rules = await standing.rules_on(transaction, context.today())
    await standing.raise_to(transaction, rules, move, customer_id, at_least)


async def lift(
    context: Context, transaction: Connection, customers: Sequence[UUID], *, historical: bool = False
) -> None:
    """Lifts customers at once that crossed a threshold in the running month.

    Their rows are locked by the caller, who has just recorded purchases of the running month.
    """
    move = Move(context.clock.now(), "purchase", historical)
    await standing.lift(transaction, await standing.rules_on(transaction, context.today()), move, customers)


async def give_back(
    context: Context, transaction: Connection, customers: Sequence[UUID], month: Month, *, historical: bool = False
) -> None:
    """Gives customers the tier that their purchases earn, after an entry of that month was undone.

    Only a close lowers what was earned; what a mistake in the running month lifted was not. While a month before is
    still open, its close does it: nobody knows yet what that month has earned. The caller holds books and rows.
    """
    running = context.running_month()
    due = (await months.books(transaction, running)).next_open
    if month != running or (due is not None and due < running):
        return
    move = Move(context.clock.now(), "revision", historical)
    await standing.restore(transaction, await standing.rules_on(transaction, context.today()), move, customers)
