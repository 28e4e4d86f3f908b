"""A customer's timeline, newest first."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import TIMESTAMP, Uuid, select, tuple_
from sqlmodel import col

from services.reporting.timeline.domain import TimelineEntry
from services.reporting.timeline.tables import TimelineRow
from shared.moments import with_z
from shared.statement import Reader, Statement, given

_END_OF_TIME = (datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1))


def _entry(data: str, **row: Any) -> TimelineEntry:
    said = {
        name: value for name, value in orjson.loads(with_z(data)).items() if name != "customer_id" and value is not None
    }
    return TimelineEntry(data=said, **row)


_AT, _EVENT_ID = col(TimelineRow.at), col(TimelineRow.event_id)
_OLDER = Statement(
    select(_AT, _EVENT_ID, col(TimelineRow.type), col(TimelineRow.data))
    .where(
        col(TimelineRow.customer_id) == given("customer_id"),
        tuple_(_AT, _EVENT_ID) < tuple_(given("at", TIMESTAMP(timezone=True)), given("event_id", Uuid)),
    )
    .order_by(_AT.desc(), _EVENT_ID.desc())
    .limit(given("most")),
    _entry,
)


async def entries(
    reader: Reader, customer_id: UUID, after: tuple[datetime, UUID] | None, most: int
) -> list[TimelineEntry]:
    """Entries from newest to oldest, those older than `after`."""
    at, event_id = after or _END_OF_TIME
    return await _OLDER.all(reader, customer_id=customer_id, at=at, event_id=event_id, most=most)
