"""What happens, as it happens: puts news into the live stream."""

from collections.abc import Sequence

from services.reporting.desk import Desk
from services.reporting.live import store
from shared.bus.event import Event
from shared.contracts.customers import MonthClosed
from shared.db import Connection


async def show(_: Desk, transaction: Connection, events: Sequence[Event]) -> None:
    """Shows events; history is silent (decision 5), but that a month was closed is told whichever month it was."""
    news = [event for event in events if not event.historical or event.type == MonthClosed.TYPE]
    if news:
        await store.show(transaction, news)
