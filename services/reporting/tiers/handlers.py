"""Tiers per month: keeps what `month.closed` says."""

from collections.abc import Sequence

from services.reporting.context import Context
from services.reporting.tiers import store
from shared.bus.event import Event
from shared.contracts.customers import MonthClosed
from shared.db import Connection
from shared.projection import latest


async def on_month_closed(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = sorted((event.read(MonthClosed) for event in events), key=lambda fact: fact.revision)
    await store.keep(transaction, latest(facts, lambda fact: fact.month))
