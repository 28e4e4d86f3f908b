"""What cases do when their customer changes."""

from collections.abc import Sequence

from services.complaints.cases.store import saving
from services.complaints.context import Context
from services.complaints.counters import store as counters
from services.complaints.customers.domain import rank_of
from services.complaints.customers.handlers import keep_tiers
from shared.bus.event import Event
from shared.db import Connection


async def on_tier_changed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Keeps the customers' tiers, then puts their open cases in place: two statements, so that the second also sees
    what was recorded while the first waited for a customer's row. Counters are told, for no event of ours tells it."""
    facts = await keep_tiers.keep(transaction, events)
    moved = await saving.reorder(transaction, {fact.customer_id: rank_of(fact.to_tier) for fact in facts})
    await counters.tell_of_tiers(transaction, moved, context.clock.now())
