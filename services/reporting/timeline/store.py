"""Writes entries into timelines."""

from collections.abc import Sequence

from sqlalchemy import Text

from services.reporting.timeline.domain import NewTimelineEntry
from services.reporting.timeline.tables import TimelineRow
from shared.db import Connection
from shared.statement import Statement, by_column, given, insert_many

ADD = insert_many(
    TimelineRow, "customer_id", "at", "event_id", "amount", "data", type=given("type", Text)
).on_conflict_do_nothing()
"""Adds entries of one event type, whose values `values` gives; what stands there already stays."""
_ADD = Statement(ADD)


async def add(transaction: Connection, type_: str, entries: Sequence[NewTimelineEntry]) -> None:
    """Adds entries of one event type; what stands there already stays."""
    await _ADD.execute(transaction, **values(type_, entries))


def values(type_: str, entries: Sequence[NewTimelineEntry]) -> dict[str, object]:
    return {"type": type_, **by_column(map(_row, entries))}


def _row(entry: NewTimelineEntry) -> dict[str, object]:
    return {
        "customer_id": entry.customer_id,
        "at": entry.at,
        "event_id": entry.event_id,
        "amount": entry.amount,
        "data": entry.data,
    }
