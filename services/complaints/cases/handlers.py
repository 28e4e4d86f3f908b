"""What cases do when their customer changes."""

from collections.abc import Collection, Sequence
from uuid import UUID

from services.complaints.cases.store import saving
from services.complaints.context import Context
from services.complaints.counters import store as counters
from services.complaints.customers import store as customer_refs
from services.complaints.customers.handlers import keep_tiers
from shared import aliases
from shared.bus.event import Event
from shared.contracts.merging import CustomerMerged, CustomerUnmerged
from shared.db import Connection


async def on_tier_changed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Keeps the customers' tiers, then puts their open cases in place: two statements, so that the second also sees
    what was recorded while the first waited for a customer's row. Counters are told, for no event of ours tells it."""
    facts = await keep_tiers.keep(transaction, events)
    await _put_in_place(context, transaction, {fact.customer_id for fact in facts})


async def on_customer_merged(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Cases under the old id go by the tier of the customer who is kept."""
    await _put_in_place(context, transaction, {event.read(CustomerMerged).merged_id for event in events})


async def on_customer_unmerged(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """And by its own again."""
    await _put_in_place(context, transaction, {event.read(CustomerUnmerged).merged_id for event in events})


async def _put_in_place(context: Context, transaction: Connection, customers: Collection[UUID]) -> None:
    same = await aliases.together(transaction, customers)
    ranks = await customer_refs.ranks(transaction, {each for every in same.values() for each in every})
    moved = await saving.reorder(transaction, ranks)
    await counters.tell_of_tiers(transaction, moved, context.clock.now())
