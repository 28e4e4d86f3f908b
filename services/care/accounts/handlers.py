"""Keeping what care needs to know of customers."""

from collections.abc import Sequence

from services.care.accounts import store
from services.care.context import Context
from shared import aliases
from shared.aliases import Followed
from shared.bus.event import Event
from shared.contracts.customers import AccountTeamChanged, CustomerRegistered, CustomerUpdated, TierChanged
from shared.contracts.merging import CustomerMerged
from shared.db import Connection
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
on_account_team_changed = Followed(
    AccountTeamChanged, store.KEEP_TEAMS, lambda fact: {"id": fact.customer_id, "team": fact.team}, "account"
)
on_tier_changed = Followed(
    TierChanged, store.KEEP_TIERS, lambda fact: {"id": fact.customer_id, "tier": fact.to_tier}, "account"
)


async def on_customer_merged(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to customer.merged: what stands under the old id is done by who serves the one who is kept."""
    facts = [event.read(CustomerMerged) for event in events]
    await store.ensure(transaction, (id_ for fact in facts for id_ in (fact.merged_id, fact.into_id)))
    await store.follow(transaction, {fact.merged_id for fact in facts})


async def on_customer_unmerged(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to customer.unmerged: its own tier again; who serves it is told beside."""
    await store.keep_tiers(transaction, await aliases.own_tiers(transaction, events))
