"""What complaints hears of customers."""

from collections.abc import Sequence

from services.complaints.customers import store
from services.complaints.customers.domain import rank_of
from shared import aliases
from shared.aliases import Followed
from shared.bus.event import Event
from shared.contracts.customers import (
    AccountTeamChanged,
    CustomerRegistered,
    CustomerUpdated,
    TierChanged,
)
from shared.contracts.merging import CustomerMerged
from shared.contracts.withdrawing import CustomerWithdrawn
from shared.db import Connection
from shared.projection import Projection

on_customer_registered = Projection(
    CustomerRegistered,
    store.KEEP_CUSTOMERS,
    lambda fact: {
        "id": fact.customer_id,
        "tier_rank": rank_of(fact.tier),
        "registered_at": fact.registered_at,
    },
)
on_customer_updated = Projection(
    CustomerUpdated,
    store.KEEP_CUSTOMERS,
    lambda fact: {"id": fact.customer_id, "tier_rank": None, "registered_at": fact.registered_at},
)
"""The customer exists, whatever else has not arrived yet."""
on_customer_withdrawn = Projection(
    CustomerWithdrawn, store.KEEP_GONE, lambda fact: {"id": fact.customer_id, "erased_at": fact.at}
)
"""It was none: nothing is recorded of it any more."""
keep_tiers = Followed(
    TierChanged,
    store.KEEP_TIERS,
    lambda fact: {"id": fact.customer_id, "tier_rank": rank_of(fact.to_tier)},
    "customer_ref",
)
on_account_team_changed = Followed(
    AccountTeamChanged, store.KEEP_TEAMS, lambda fact: store.team_row(fact.customer_id, fact.team), "customer_ref"
)
"""Who is responsible for what is recorded from now on."""


async def on_customer_merged(_: object, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to customer.merged: what stands under the old id goes by tier and team of the one who is kept."""
    await store.follow(transaction, {event.read(CustomerMerged).merged_id for event in events})


async def on_customer_unmerged(_: object, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to customer.unmerged: its own tier again; who serves it is told beside."""
    await store.keep_tiers(transaction, await aliases.own_tiers(transaction, events))
