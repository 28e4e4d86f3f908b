"""What complaints hears of customers."""

from services.complaints.customers import store
from services.complaints.customers.domain import rank_of
from shared.contracts.customers import AccountTeamChanged, CustomerRegistered, CustomerUpdated, TierChanged
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
keep_tiers = Projection(
    TierChanged, store.KEEP_TIERS, lambda fact: {"id": fact.customer_id, "tier_rank": rank_of(fact.to_tier)}
)
on_account_team_changed = Projection(
    AccountTeamChanged, store.KEEP_TEAMS, lambda fact: store.team_row(fact.customer_id, fact.team)
)
"""Who is responsible for what is recorded from now on."""
