"""A customer's timeline, newest first."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import TIMESTAMP, Uuid, select, tuple_
from sqlmodel import col

from services.reporting.timeline.domain import TimelineEntry
from services.reporting.timeline.tables import TimelineRow
from shared.moments import with_z
from shared.statement import Reader, Statement, given

T = TypeVar("T")

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
    reader: Reader, ids: Sequence[UUID], after: tuple[datetime, UUID] | None, most: int
) -> list[TimelineEntry]:
    """Entries of a customer who has these ids, from newest to oldest, those older than `after`."""
    at, event_id = after or _END_OF_TIME
    found = [await _OLDER.all(reader, customer_id=each, at=at, event_id=event_id, most=most) for each in ids]
    return newest([(entry.at, entry.event_id, entry) for page in found for entry in page], most)


def newest(found: Iterable[tuple[datetime, UUID, T]], most: int) -> list[T]:
    """The newest of what was found at several ids, each with its moment and its event."""
    return [each for _, _, each in sorted(found, key=itemgetter(0, 1), reverse=True)[:most]]
