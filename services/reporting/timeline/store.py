"""Writes entries into timelines."""

from collections.abc import Sequence

from services.reporting.timeline.domain import NewTimelineEntry
from shared.db import Connection

ADD = """
INSERT INTO timeline (type, customer_id, at, event_id, amount, data)
SELECT $1, * FROM unnest($2::uuid[], $3::timestamptz[], $4::uuid[], $5::numeric[], $6::json[])
ON CONFLICT DO NOTHING
"""
"""Adds entries of one event type; takes what `arguments` gives."""


async def add(transaction: Connection, type_: str, entries: Sequence[NewTimelineEntry]) -> None:
    """Adds entries of one event type; what stands there already stays."""
    await transaction.execute(ADD, *arguments(type_, entries))


def arguments(type_: str, entries: Sequence[NewTimelineEntry]) -> tuple[object, ...]:
    return (
        type_,
        [entry.customer_id for entry in entries],
        [entry.at for entry in entries],
        [entry.event_id for entry in entries],
        [entry.amount for entry in entries],
        [entry.data for entry in entries],
    )
