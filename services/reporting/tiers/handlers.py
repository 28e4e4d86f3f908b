"""Tiers per month: keeps what `month.closed` says, and reports it as closed."""

from collections.abc import Sequence

from services.reporting.context import Context
from services.reporting.tiers import store
from services.reporting.tiers.domain import MonthOfTiers
from shared.bus.event import Event
from shared.contracts.customers import MonthClosed
from shared.db import Connection
from shared.months import Month
from shared.reactions import latest


async def keep_months(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = sorted((event.read(MonthClosed) for event in events), key=lambda fact: fact.revision)
    await store.keep(transaction, latest(facts, lambda fact: fact.month))


async def report_month(context: Context, month: Month) -> MonthOfTiers:
    """The month's tiers and moves, as closed."""
    async with context.database.connection() as reader:
        return await store.month_of(reader, month)
