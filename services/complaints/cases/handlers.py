"""What cases do when their customer changes."""

from collections.abc import Sequence

from services.complaints.cases.store import saving
from services.complaints.context import Context
from services.complaints.customers import store as customers
from services.complaints.customers.domain import rank_of
from shared.bus.event import Event
from shared.contracts.customers import TierChanged
from shared.db import Connection


async def on_tier_changed(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Keeps the customers' tiers, then puts their open cases in place: two statements, so that the second also sees
    what was recorded while the first waited for a customer's row."""
    facts = [event.read(TierChanged) for event in events]
    ranks = {fact.customer_id: rank_of(fact.to_tier) for fact in facts}
    await customers.keep_tiers(transaction, ranks)
    await saving.reorder(transaction, ranks)
