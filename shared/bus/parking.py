"""The parking: events that failed for good wait here with their key's later ones, until a person replays them.

Replay goes key by key in the original order, in one transaction each, and is audited by who asked for it. Bodies of
the contacts topic are sealed, because they are personal data.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from shared.bus.event import Event
from shared.bus.outbox import CONTACTS_TOPIC
from shared.bus.port import Record, Unreadable
from shared.clock import real_time
from shared.db import Connection, Database
from shared.personal import Vault
from shared.telemetry import PARKED, log

if TYPE_CHECKING:
    from shared.bus.inbox import Inbox

_PARK = """
INSERT INTO parked_event (consumer, key, event_id, type, topic, partition, position, headers, body, error)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8::json, $9, $10)
ON CONFLICT ON CONSTRAINT parked_event_once DO NOTHING
"""
_LOCK_KEY = "SELECT pg_advisory_xact_lock(hashtextextended($1 || ':' || $2, 0))"
_WAITING_KEYS = """
SELECT key FROM parked_event WHERE consumer = $1 AND replayed_at IS NULL GROUP BY key ORDER BY min(id)
"""
_WAITING = "SELECT * FROM parked_event WHERE consumer = $1 AND key = $2 AND replayed_at IS NULL ORDER BY id"

_seal: Callable[[bytes], bytes] | None = None
_open: Callable[[bytes], bytes] | None = None


def seal_contacts_with(vault: Vault) -> None:
    """Sets the vault that seals parked bodies of the contacts topic in this process."""
    global _seal, _open
    _seal, _open = vault.seal, vault.open


async def park(transaction: Connection, consumer: str, records: Sequence[Record], error: str) -> None:
    """Parks records for a consumer; the same place of a topic is parked once."""
    for key in sorted({record.key for record in records}):
        await transaction.execute(_LOCK_KEY, consumer, key)
    await transaction.executemany(_PARK, [_row(consumer, record, error) for record in records])
    PARKED.labels(consumer).inc(len(records))


def _row(consumer: str, record: Record, error: str) -> tuple[Any, ...]:
    content = record.content
    if isinstance(content, Unreadable):
        headers, body, event_id, type_ = content.headers, content.body, None, None
    else:
        headers, body, event_id, type_ = {"event": "1"}, _pack(content), content.id, content.type
    if body is not None and record.topic == CONTACTS_TOPIC:
        if _seal is None:
            raise RuntimeError("parking a contact needs a vault: seal_contacts_with was not called")
        body = _seal(body)
    return (
        consumer,
        record.key,
        event_id,
        type_,
        record.topic,
        record.partition,
        record.position,
        orjson.dumps(headers).decode(),
        body,
        error,
    )


def _pack(event: Event) -> bytes:
    return orjson.dumps(asdict(event), default=str)


def _unpack(body: bytes) -> Event:
    fields = orjson.loads(body)
    fields["id"], fields["aggregate_id"] = UUID(fields["id"]), UUID(fields["aggregate_id"])
    fields["time"] = datetime.fromisoformat(fields["time"])
    return Event(**fields)


async def waiting(database: Database) -> list[dict[str, object]]:
    """What is parked now: consumer, key, type, place, error and time; never a body."""
    rows = await database.fetch(
        """SELECT id, consumer, key, event_id, type, topic, partition, position, error, parked_at
           FROM parked_event WHERE replayed_at IS NULL ORDER BY id"""
    )
    return [dict(row) for row in rows]


async def replay(inbox: "Inbox", by: str, key: str | None = None) -> int:
    """Gives parked events their effect, in order per key; returns how many.

    `by` names who asked. Messages that are no events of ours stay. Raises the event's error when it fails again;
    then its key stays parked as it was.
    """
    keys = [key] if key else [row["key"] for row in await inbox.database.fetch(_WAITING_KEYS, inbox.consumer)]
    return sum([await _replay_key(inbox, each, by) for each in keys])


async def _replay_key(inbox: "Inbox", key: str, by: str) -> int:
    async with inbox.database.transaction() as transaction:
        await inbox.hold(transaction)
        await transaction.execute(_LOCK_KEY, inbox.consumer, key)
        rows = [row for row in await transaction.fetch(_WAITING, inbox.consumer, key) if row["event_id"]]
        await transaction.execute(
            "UPDATE parked_event SET replayed_at = $1, replayed_by = $2 WHERE id = ANY($3::bigint[])",
            real_time(),
            by,
            [row["id"] for row in rows],
        )
        await inbox.apply(transaction, [_record(row) for row in rows])
    PARKED.labels(inbox.consumer).dec(len(rows))
    log("parking").info("parked events replayed", consumer=inbox.consumer, events=len(rows), by=by)
    return len(rows)


def _record(row: Any) -> Record:
    body = row["body"]
    if row["topic"] == CONTACTS_TOPIC:
        if _open is None:
            raise RuntimeError("replaying a contact needs a vault: seal_contacts_with was not called")
        body = _open(body)
    return Record(row["topic"], row["partition"], row["position"], row["key"], _unpack(body))


async def release_relay(database: Database, by: str) -> int:
    """Lets the relay try its parked (too large) events again; returns how many."""
    done = await database.execute(
        "UPDATE parked_event SET replayed_at = $1, replayed_by = $2 WHERE consumer = 'relay' AND replayed_at IS NULL",
        real_time(),
        by,
    )
    return int(done.split()[-1])
