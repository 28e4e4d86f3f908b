"""The outbox: events are written in the business transaction, without a sequence; the relay publishes and stamps them.

The table is the service's permanent event log (decision "the log"). The aggregate's row must be locked before its
event is recorded, so that ids follow commits per aggregate.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from shared.bus.event import Event
from shared.db import Connection

CONTACTS_TOPIC = "crm.contacts.v1"

APPEND = """
INSERT INTO event_log (event_id, topic, key, type, major, time, aggregate_id, aggregate_version, historical,
                       traceparent, data)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::timestamptz[], $7::uuid[],
                     $8::integer[], $9::boolean[], $10::text[], $11::json[])
"""

APPENDED = (
    "event_id", "topic", "key", "type", "major", "time", "aggregate_id", "aggregate_version", "historical",
    "traceparent", "data",
)  # fmt: skip
MANY = 50
"""From so many on, COPY costs less than arrays: asyncpg looks at each element of an array for further ones."""

EVENT_COLUMNS = """sequence, event_id, topic, key, type, major, time, aggregate_id, aggregate_version, historical,
traceparent, data"""


async def append(transaction: Connection, events: Iterable[Event]) -> None:
    """Writes events into the log within the business transaction, in their order, in one round trip."""
    rows = list(events)
    if len(rows) >= MANY:
        await transaction.copy_records_to_table("event_log", records=map(_as_record, rows), columns=APPENDED)
    elif rows:
        await transaction.execute(APPEND, *(list(column) for column in zip(*map(_as_record, rows), strict=True)))


def _as_record(event: Event) -> tuple[Any, ...]:
    return (
        event.id,
        event.topic,
        event.key,
        event.type,
        event.major,
        event.time,
        event.aggregate_id,
        event.aggregate_version,
        event.historical,
        event.traceparent,
        event.data,
    )


def from_row(row: Any) -> Event:
    """The event in a row of EVENT_COLUMNS."""
    return Event(
        type=row["type"],
        topic=row["topic"],
        key=row["key"],
        time=row["time"],
        aggregate_id=row["aggregate_id"],
        aggregate_version=row["aggregate_version"],
        data=row["data"],
        major=row["major"],
        historical=row["historical"],
        id=row["event_id"],
        traceparent=row["traceparent"],
        sequence=row["sequence"],
    )


async def published_after(reader: Connection, sequence: int, limit: int, topics: Sequence[str]) -> list[Event]:
    """Published events of `topics` with a sequence above the given one, in order."""
    rows = await reader.fetch(
        f"SELECT {EVENT_COLUMNS} FROM event_log WHERE sequence > $1 AND topic = ANY($2) ORDER BY sequence LIMIT $3",  # noqa: S608  constant column list
        sequence,
        topics,
        limit,
    )
    return [from_row(row) for row in rows]
