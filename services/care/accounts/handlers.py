"""Keeping what care needs to know of customers."""

from services.care.accounts import store
from shared.contracts.customers import AccountTeamChanged, CustomerRegistered, CustomerUpdated, TierChanged
from shared.projection import Projection

on_customer_registered = Projection(
    CustomerRegistered,
    store.KEEP_REGISTERED,
    lambda fact: {"id": fact.customer_id, "kind": fact.kind, "tier": fact.tier},
)
on_customer_updated = Projection(
    CustomerUpdated, store.KEEP_KINDS, lambda fact: {"id": fact.customer_id, "kind": fact.kind}
)
"""The kind may have been corrected."""
on_account_team_changed = Projection(
    AccountTeamChanged, store.KEEP_TEAMS, lambda fact: {"id": fact.customer_id, "team": fact.team}
)
on_tier_changed = Projection(TierChanged, store.KEEP_TIERS, lambda fact: {"id": fact.customer_id, "tier": fact.to_tier})
