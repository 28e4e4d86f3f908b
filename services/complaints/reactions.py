"""What complaints reacts to: event type -> handler."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from services.complaints.context import Context
from services.complaints.intake import handlers as intake
from shared import directory
from shared.bus.event import Event
from shared.contracts import customers
from shared.db import Connection

REACTIONS: Mapping[str, Callable[[Context, Connection, Sequence[Event]], Awaitable[None]]] = {
    **directory.REACTIONS,
    customers.CustomerRegistered.TYPE: intake.customers_registered,
    customers.CustomerUpdated.TYPE: intake.customers_updated,
    customers.TierChanged.TYPE: intake.tiers_changed,
    customers.AccountTeamChanged.TYPE: intake.teams_changed,
}
