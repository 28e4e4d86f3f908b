"""The parking: events that failed for good wait here with their key's later ones, until a person replays them.

Bodies of the contacts topic are sealed, because they are personal data. Replaying stands in `shared.bus.replay`.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select

from shared.bus.event import Event
from shared.bus.outbox import CONTACTS_TOPIC
from shared.bus.port import Record, Unreadable
from shared.clock import real_time
from shared.db import Connection, Database
from shared.kernel_schema import PARKED_EVENT
from shared.personal import Vault
from shared.statement import Reader, Statement, by_column, given, insert_many
from shared.telemetry import PARKED

_PARK = Statement(
    insert_many(
        PARKED_EVENT, "consumer", "key", "event_id", "type", "topic", "partition", "position", "headers", "body",
        "error",
    ).on_conflict_do_nothing(constraint="parked_event_once")
)  # fmt: skip
_LOCK_KEY = Statement("SELECT pg_advisory_xact_lock(hashtextextended(:consumer || ':' || :key, 0))")
_WAITING = Statement(
    select(
        *(
            PARKED_EVENT.c[name]
            for name in ("id", "consumer", "key", "event_id", "type", "topic", "partition", "position", "error")
        ),
        PARKED_EVENT.c.parked_at,
    )
    .where(PARKED_EVENT.c.replayed_at.is_(None))
    .order_by(PARKED_EVENT.c.id),
    dict[str, object],
)
_RELEASE_RELAY = Statement(
    PARKED_EVENT.update()
    .where(PARKED_EVENT.c.consumer == "relay", PARKED_EVENT.c.replayed_at.is_(None))
    .values(replayed_at=given("at"), replayed_by=given("by"))
)


async def park(transaction: Connection, consumer: str, records: Sequence[Record], error: str, contacts: Vault) -> None:
    """Parks records for a consumer, those of the contacts topic sealed; the same place of a topic is parked once."""
    for key in sorted({record.key for record in records}):
        await lock_key(transaction, consumer, key)
    await _PARK.execute(transaction, **by_column(_row(consumer, record, error, contacts) for record in records))
    PARKED.labels(consumer).inc(len(records))


async def lock_key(transaction: Connection, consumer: str, key: str) -> None:
    """Before a key's events are parked or replayed: one after the other."""
    await _LOCK_KEY.execute(transaction, consumer=consumer, key=key)


def _row(consumer: str, record: Record, error: str, contacts: Vault) -> dict[str, Any]:
    content = record.content
    if isinstance(content, Unreadable):
        headers, body, event_id, type_ = content.headers, content.body, None, None
    else:
        headers, body, event_id, type_ = {"event": "1"}, _pack(content), content.id, content.type
    if body is not None and record.topic == CONTACTS_TOPIC:
        body = contacts.seal(body)
    return {
        "consumer": consumer,
        "key": record.key,
        "event_id": event_id,
        "type": type_,
        "topic": record.topic,
        "partition": record.partition,
        "position": record.position,
        "headers": orjson.dumps(headers).decode(),
        "body": body,
        "error": error,
    }


def _pack(event: Event) -> bytes:
    return orjson.dumps(asdict(event), default=str)


def _unpack(body: bytes) -> Event:
    fields = orjson.loads(body)
    fields["id"], fields["aggregate_id"] = UUID(fields["id"]), UUID(fields["aggregate_id"])
    fields["time"] = datetime.fromisoformat(fields["time"])
    return Event(**fields)


@dataclass(frozen=True, slots=True)
class Parked:
    """A parked event of ours, under its number in the parking."""

    id: int
    key: str
    topic: str
    partition: int
    position: int
    body: bytes

    def record(self, contacts: Vault) -> Record:
        """The record as it was when it was parked."""
        body = contacts.open(self.body) if self.topic == CONTACTS_TOPIC else self.body
        return Record(self.topic, self.partition, self.position, self.key, _unpack(body))


async def waiting(reader: Reader) -> list[dict[str, object]]:
    """What is parked now: consumer, key, type, place, error and time; never a body."""
    return await _WAITING.all(reader)


async def release_relay(database: Database, by: str) -> int:
    """Lets the relay try its parked (too large) events again; returns how many."""
    done = await _RELEASE_RELAY.execute(database, at=real_time(), by=by)
    return int(done.split()[-1])
