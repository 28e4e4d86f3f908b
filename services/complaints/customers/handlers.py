"""What complaints hears of customers."""

from collections.abc import Sequence

from services.complaints.context import Context
from services.complaints.customers import store
from services.complaints.customers.domain import rank_of
from shared.bus.event import Event
from shared.contracts.customers import AccountTeamChanged, CustomerRegistered, CustomerUpdated
from shared.db import Connection


async def on_customer_registered(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = [event.read(CustomerRegistered) for event in events]
    await store.keep_customers(transaction, {fact.customer_id: rank_of(fact.tier) for fact in facts})


async def on_customer_updated(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """The customer exists, whatever else has not arrived yet."""
    facts = [event.read(CustomerUpdated) for event in events]
    await store.keep_customers(transaction, {fact.customer_id: None for fact in facts})


async def on_account_team_changed(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Who is responsible for what is recorded from now on."""
    facts = [event.read(AccountTeamChanged) for event in events]
    await store.keep_teams(transaction, {fact.customer_id: fact.team for fact in facts})
