"""What happens, as it happens: puts events into the live stream."""

from collections.abc import Sequence

from services.reporting.context import Context
from services.reporting.stream import store
from shared.bus.event import Event
from shared.contracts.customers import MonthClosed
from shared.db import Connection


async def on_event(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Shows events; history is silent (decision 5), but that a month was closed is shown whichever month it was."""
    shown = [event for event in events if not event.historical or event.type == MonthClosed.TYPE]
    if shown:
        await store.append(transaction, shown)
