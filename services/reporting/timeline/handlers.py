"""Writes events into the timelines of the customers whom they name."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import orjson

from services.reporting.context import Context
from services.reporting.timeline import store
from services.reporting.timeline.domain import NewTimelineEntry
from shared.bus.event import Event
from shared.contracts.customers import CustomerRegistered
from shared.db import Connection


async def on_event(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Adds an entry for each event that names a customer; purchases and returns are added where they are counted."""
    entries = [entry for event in events if (entry := _entry(event)) is not None]
    if entries:
        await store.add(transaction, events[0].type, entries)


def _entry(event: Event) -> NewTimelineEntry | None:
    """The event's entry; it happened when the fact says so, else when the event was made."""
    data = orjson.loads(event.data)
    if data.get("customer_id") is None:
        return None
    stated = data.get("registered_at") if event.type == CustomerRegistered.TYPE else data.get("at")
    at = datetime.fromisoformat(stated) if stated else event.time
    return NewTimelineEntry(UUID(data["customer_id"]), at, event.id, event.data)
