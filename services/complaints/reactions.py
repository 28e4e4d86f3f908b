"""What complaints reacts to: event type -> handler."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from services.complaints.cases.handlers import on_tier_changed
from services.complaints.context import Context
from services.complaints.customers.handlers import (
    on_account_team_changed,
    on_customer_registered,
    on_customer_updated,
)
from shared import directory
from shared.bus.event import Event
from shared.contracts import customers
from shared.db import Connection

REACTIONS: Mapping[str, Callable[[Context, Connection, Sequence[Event]], Awaitable[None]]] = {
    **directory.REACTIONS,
    customers.CustomerRegistered.TYPE: on_customer_registered,
    customers.CustomerUpdated.TYPE: on_customer_updated,
    customers.TierChanged.TYPE: on_tier_changed,
    customers.AccountTeamChanged.TYPE: on_account_team_changed,
}
