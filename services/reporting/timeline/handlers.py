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
from shared.contracts.merging import CustomerMerged
from shared.db import Connection


async def on_event(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Adds an entry for each event that names a customer; purchases and returns are added where they are counted."""
    entries = [entry for event in events for entry in _entries(event)]
    if entries:
        await store.add(transaction, events[0].type, entries)


def _entries(event: Event) -> list[NewTimelineEntry]:
    """The event's entry, or one for each customer that it names; it happened when the fact says so, else when the event
    was made."""
    data = orjson.loads(event.data)
    named = data.pop("customer_ids", None)
    if named:
        shown = orjson.dumps(data).decode()
        at = datetime.fromisoformat(data["at"])
        return [NewTimelineEntry(UUID(each), at, event.id, shown) for each in named]
    if data.get("customer_id") is None or (
        event.type == CustomerMerged.TYPE and data["customer_id"] == data["merged_id"]
    ):
        return []  # of a merge it is the kept one's timeline that tells: both are read as one
    stated = data.get("registered_at") if event.type == CustomerRegistered.TYPE else data.get("at")
    at = datetime.fromisoformat(stated) if stated else event.time
    return [NewTimelineEntry(UUID(data["customer_id"]), at, event.id, event.data)]
