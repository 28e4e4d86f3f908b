"""The parking: events that failed for good wait here with their key's later ones, until a person decides.

Bodies of the contacts topic are sealed, because they are personal data. What a person decides stands in
`shared.bus.replay` and `shared.bus.discard`.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import BigInteger, Text, and_, select, union_all

from shared.bus.binary_mode import UNREADABLE, event_in
from shared.bus.contacts import CONTACTS_TOPIC
from shared.bus.event import Event
from shared.bus.port import Record, Unreadable
from shared.db import Connection
from shared.kernel_schema import PARKED_EVENT
from shared.personal import Vault
from shared.statement import Reader, Scalar, Statement, any_given, by_column, given, insert_many
from shared.telemetry import log

WAITS = and_(PARKED_EVENT.c.replayed_at.is_(None), PARKED_EVENT.c.discarded_at.is_(None))
"""What was neither replayed nor discarded."""

_PARK = Statement(
    insert_many(
        PARKED_EVENT, "consumer", "key", "event_id", "type", "topic", "partition", "position", "headers", "body",
        "error",
    )
)  # fmt: skip
_LOCK_KEY = Statement("SELECT pg_advisory_xact_lock(hashtextextended(:consumer || ':' || :key, 0))")
_PLACES = tuple(PARKED_EVENT.c[name] for name in ("event_id", "topic", "partition", "position"))
_KNOWN = Statement(
    union_all(
        select(*_PLACES).where(
            PARKED_EVENT.c.consumer == given("consumer", Text), WAITS, PARKED_EVENT.c.key == any_given("keys", Text)
        ),
        select(*_PLACES).where(
            PARKED_EVENT.c.consumer == given("consumer", Text),
            PARKED_EVENT.c.discarded_at.is_not(None),
            PARKED_EVENT.c.position == any_given("positions", BigInteger),
        ),
    )
)
_BEHIND = Scalar(
    """
    SELECT count(*) FROM unnest(:keys::text[], :ids::uuid[]) AS mine(key, event_id)
    WHERE EXISTS (SELECT FROM parked_event p WHERE p.consumer = :consumer AND p.key = mine.key
                  AND p.replayed_at IS NULL AND p.discarded_at IS NULL AND (p.event_id = ANY(:ids)) IS NOT TRUE)
    """,
    int,
)
"""By hand: whether something waits before each of these is asked for all of them at once."""
_FORGET_CONTACTS = Statement(
    PARKED_EVENT.delete().where(PARKED_EVENT.c.topic == CONTACTS_TOPIC, PARKED_EVENT.c.key == given("key"))
)
_WAITING = Statement(
    select(
        *(
            PARKED_EVENT.c[name]
            for name in ("id", "consumer", "key", "event_id", "type", "topic", "partition", "position", "error")
        ),
        PARKED_EVENT.c.parked_at,
    )
    .where(WAITS)
    .order_by(PARKED_EVENT.c.id),
    dict[str, object],
)


async def park(
    transaction: Connection, consumer: str, records: Sequence[Record], error: str, contacts: Vault
) -> list[Record]:
    """Parks records for a consumer, those of the contacts topic sealed; an event waits once, wherever it comes from.

    Returns those that were parked now: not what waits already, nor what is no event of ours and was discarded.
    """
    for key in sorted({record.key for record in records}):
        await lock_key(transaction, consumer, key)
    known = await _KNOWN.all(
        transaction,
        consumer=consumer,
        keys=[record.key for record in records],
        positions=[record.position for record in records],
    )
    identities = {_identity(row["event_id"], (row["topic"], row["partition"], row["position"])) for row in known}
    new = {_identity_of(record): record for record in reversed(records) if _identity_of(record) not in identities}
    parked = [record for record in records if new.get(_identity_of(record)) is record]
    if parked:
        await _PARK.execute(transaction, **by_column(_row(consumer, record, error, contacts) for record in parked))
    return parked


def _identity(event_id: UUID | None, place: tuple[str, int, int]) -> object:
    """By what one parked event is known from another: a message that is no event of ours has only its place."""
    return event_id or place


def _identity_of(record: Record) -> object:
    event_id = record.content.id if isinstance(record.content, Event) else None
    return _identity(event_id, (record.topic, record.partition, record.position))


async def count_behind(transaction: Connection, consumer: str, records: Sequence[Record]) -> int:
    """How many of these parked events have something waiting in their key beside them."""
    ids = [record.content.id for record in records if isinstance(record.content, Event)]
    return await _BEHIND.only(transaction, consumer=consumer, keys=[record.key for record in records], ids=ids)


async def forget_contacts(transaction: Connection, key: str) -> int:
    """Removes parked contacts of somebody who was erased; how many. What waits behind them goes on waiting."""
    gone = await _FORGET_CONTACTS.execute(transaction, key=key)
    return int(gone.split()[-1])


def tell(consumer: str, records: Sequence[Record], error: str, fault: BaseException | None = None) -> None:
    """One line in the log for each event parked: what and where it is, and the class of the fault, nothing it says."""
    for record in records:
        content = record.content
        log("parking").error(
            "event parked",
            consumer=consumer,
            event_id=str(content.id) if isinstance(content, Event) else None,
            type=content.type if isinstance(content, Event) else None,
            topic=record.topic,
            partition=record.partition,
            position=record.position,
            error=error,
            exc_info=fault,
        )


async def lock_key(transaction: Connection, consumer: str, key: str) -> None:
    """Before a key's events are parked, replayed or discarded: one after the other."""
    await _LOCK_KEY.execute(transaction, consumer=consumer, key=key)


def _row(consumer: str, record: Record, error: str, contacts: Vault) -> dict[str, Any]:
    content = record.content
    if isinstance(content, Unreadable):
        headers, body, event_id, type_ = content.headers, content.body, None, None
    else:
        headers, body, event_id, type_ = _OURS, _pack(content), content.id, content.type
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


_OURS = {"event": "1"}
"""Headers of a body that `_pack` made."""


def _pack(event: Event) -> bytes:
    return orjson.dumps(asdict(event), default=str)


def _unpack(body: bytes) -> Event:
    kept = orjson.loads(body)
    kept["id"], kept["aggregate_id"] = UUID(kept["id"]), UUID(kept["aggregate_id"])
    kept["time"] = datetime.fromisoformat(kept["time"])
    return Event(**kept)


@dataclass(frozen=True, slots=True)
class Parked:
    """A parked event under its number in the parking, or a message that was no event of ours when it came."""

    id: int
    consumer: str
    key: str
    event_id: UUID | None
    type: str | None
    topic: str
    partition: int
    position: int
    headers: str
    body: bytes | None

    def record(self, contacts: Vault) -> Record:
        """The record as it was when it was parked; what could not be read then is tried again."""
        body = contacts.open(self.body) if self.body and self.topic == CONTACTS_TOPIC else self.body
        headers: dict[str, str] = orjson.loads(self.headers)
        content: Event | Unreadable
        if headers == _OURS:
            content = _unpack(body or b"")
        else:
            try:
                content = event_in(self.topic, self.key, headers, body, self.position)
            except UNREADABLE as fault:
                content = Unreadable(headers, body, f"no event of ours ({type(fault).__name__})")
        return Record(self.topic, self.partition, self.position, self.key, content)


PARKED = tuple(PARKED_EVENT.c[field.name] for field in fields(Parked))
"""The columns of a Parked."""


async def waiting(reader: Reader) -> list[dict[str, object]]:
    """What is parked now: consumer, key, type, place, error and time; never a body."""
    return await _WAITING.all(reader)
