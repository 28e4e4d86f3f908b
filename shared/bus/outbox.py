"""The outbox: events are written in the business transaction, without a sequence; the relay publishes and stamps them.

The table is the service's permanent event log (decision "the log"). The aggregate's row must be locked before its
event is appended, so that ids follow commits per aggregate.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Text, select

from shared.bus.event import Event
from shared.db import Connection
from shared.kernel_schema import EVENT_LOG
from shared.statement import Reader, Statement, any_given, by_column, given, insert_many

CONTACTS_TOPIC = "crm.contacts.v1"

APPENDED = (
    "event_id", "topic", "key", "type", "major", "time", "aggregate_id", "aggregate_version", "historical",
    "traceparent", "data",
)  # fmt: skip
MANY = 50
"""From so many on, COPY costs less than arrays: asyncpg looks at each element of an array for further ones."""


EVENT_COLUMNS = tuple(
    EVENT_LOG.c[name] if name != "event_id" else EVENT_LOG.c.event_id.label("id") for name in ("sequence", *APPENDED)
)
"""What an Event is made from, under the names of its fields."""
_APPEND = Statement(insert_many(EVENT_LOG, *APPENDED))
_PUBLISHED_AFTER = Statement(
    select(*EVENT_COLUMNS)
    .where(EVENT_LOG.c.sequence > given("sequence"), EVENT_LOG.c.topic == any_given("topics", Text))
    .order_by(EVENT_LOG.c.sequence)
    .limit(given("most")),
    Event,
)


async def append(transaction: Connection, events: Iterable[Event]) -> None:
    """Writes events into the log within the business transaction, in their order, in one round trip."""
    rows = list(events)
    if len(rows) >= MANY:
        values = map(tuple, (row.values() for row in map(_row, rows)))
        await transaction.copy_records_to_table("event_log", records=values, columns=APPENDED)
    elif rows:
        await _APPEND.execute(transaction, **by_column(map(_row, rows)))


def _row(event: Event) -> dict[str, Any]:
    """The columns of APPENDED, in their order."""
    return {
        "event_id": event.id,
        "topic": event.topic,
        "key": event.key,
        "type": event.type,
        "major": event.major,
        "time": event.time,
        "aggregate_id": event.aggregate_id,
        "aggregate_version": event.aggregate_version,
        "historical": event.historical,
        "traceparent": event.traceparent,
        "data": event.data,
    }


async def published_after(reader: Reader, sequence: int, limit: int, topics: Sequence[str]) -> list[Event]:
    """Published events of `topics` with a sequence above the given one, in order."""
    return await _PUBLISHED_AFTER.all(reader, sequence=sequence, topics=topics, most=limit)
