"""Messages in the database."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.care.messages.domain import Message, Outcome, Postponed, Purpose
from shared.contracts.care import Channel
from shared.db import Connection, Database

_PLAN = """
INSERT INTO message (id, customer_id, staff_id, occasion, occasion_key, template, variables, purpose, urgent, state,
                     planned_at, expires_at, next_at)
SELECT id, customer_id, staff_id, occasion, occasion_key, template, variables, purpose, urgent, 'planned',
       $11, expires_at, $11
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::jsonb[], $8::text[],
            $9::boolean[], $10::timestamptz[])
     AS t(id, customer_id, staff_id, occasion, occasion_key, template, variables, purpose, urgent, expires_at)
ON CONFLICT DO NOTHING
"""
_COLUMNS = """id, customer_id, staff_id, occasion, occasion_key, template, variables, purpose, urgent, expires_at,
channel, reason, attempts"""
_DUE = """
(SELECT id, customer_id FROM message WHERE next_at <= $1 ORDER BY next_at LIMIT $2)
UNION ALL
(SELECT id, customer_id FROM message WHERE state = 'sending' AND lease_until < now() LIMIT $2)
"""
_LOCK_DUE = f"""
SELECT {_COLUMNS} FROM message
WHERE id = ANY($1::uuid[]) AND (next_at <= $2 OR (state = 'sending' AND lease_until < now()))
  AND (customer_id IS NULL OR customer_id = ANY($3::uuid[]))
ORDER BY id FOR UPDATE SKIP LOCKED
"""  # noqa: S608  constant column list
_SENT_SINCE = """
SELECT customer_id, channel, sent_at FROM message
WHERE customer_id = ANY($1::uuid[]) AND sent_at > $2 AND purpose <> 'service' AND state IN ('sending', 'sent')
  AND channel IS NOT NULL AND NOT id = ANY($3::uuid[])
"""
_LEASE = """
UPDATE message SET state = 'sending', reason = NULL, channel = t.channel, address = t.address,
    attempts = attempts + 1, sent_at = $4, next_at = NULL, lease_holder = $5,
    lease_until = now() + make_interval(secs => $6)
FROM unnest($1::uuid[], $2::text[], $3::text[]) AS t(id, channel, address) WHERE message.id = t.id
"""
_POSTPONE = """
UPDATE message SET state = t.state, reason = t.reason, next_at = t.next_at, lease_holder = NULL, lease_until = NULL
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) AS t(id, state, reason, next_at)
WHERE message.id = t.id
"""
_MARK = """
UPDATE message SET state = t.state, reason = t.reason, next_at = t.next_at, provider = t.provider,
    reference = t.reference, lease_holder = NULL, lease_until = NULL
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[])
    AS t(id, state, reason, next_at, provider, reference)
WHERE message.id = t.id AND message.state = 'sending' AND message.lease_holder = $7
RETURNING message.id
"""
_WAKE_CUSTOMERS = """
UPDATE message SET next_at = $2 WHERE customer_id = ANY($1::uuid[]) AND state = 'held' AND next_at > $2
"""
_WAKE_STAFF = "UPDATE message SET next_at = $2 WHERE staff_id = ANY($1::uuid[]) AND state = 'held' AND next_at > $2"
_NEXT_DUE = "SELECT min(next_at) FROM message WHERE next_at IS NOT NULL"


async def plan(transaction: Connection, messages: Sequence[Message], now: datetime) -> None:
    """Adds messages; a recipient's second one for the same occasion is left out."""
    if messages:
        await transaction.execute(
            _PLAN,
            [message.id for message in messages],
            [message.customer_id for message in messages],
            [message.staff_id for message in messages],
            [message.occasion for message in messages],
            [message.occasion_key for message in messages],
            [message.template for message in messages],
            [dict(message.variables) for message in messages],
            [message.purpose for message in messages],
            [message.urgent for message in messages],
            [message.expires_at for message in messages],
            now,
        )


async def due(reader: Connection, now: datetime, most: int) -> list[tuple[UUID, UUID | None]]:
    """Ids of messages to be judged now (and their customers): due ones, and those whose sender's lease ran out."""
    return [(row["id"], row["customer_id"]) for row in await reader.fetch(_DUE, now, most)]


async def lock_due(
    transaction: Connection, ids: Collection[UUID], now: datetime, customers: Collection[UUID]
) -> list[Message]:
    """Those of them that are due still, are for staff or the given customers, and that nobody else holds."""
    return [_message(row) for row in await transaction.fetch(_LOCK_DUE, list(ids), now, list(customers))]


async def sent_since(
    reader: Connection, customers: Collection[UUID], moment: datetime, but: Collection[UUID]
) -> Mapping[UUID, dict[Channel, list[datetime]]]:
    """When greetings and promotions went out after `moment`, per customer and channel, leaving out the ids `but`."""
    found: dict[UUID, dict[Channel, list[datetime]]] = {}
    for row in await reader.fetch(_SENT_SINCE, list(customers), moment, list(but)):
        found.setdefault(row["customer_id"], {}).setdefault(row["channel"], []).append(row["sent_at"])
    return found


async def lease(
    transaction: Connection,
    sending: Sequence[tuple[Message, Channel, str]],
    *,
    now: datetime,
    holder: UUID,
    seconds: float,
) -> None:
    """Takes messages into one's own hands: (message, channel, masked address)."""
    if sending:
        ids = [message.id for message, _, _ in sending]
        channels, addresses = [channel for _, channel, _ in sending], [address for _, _, address in sending]
        await transaction.execute(_LEASE, ids, channels, addresses, now, holder, seconds)


async def postpone(transaction: Connection, postponed: Sequence[Postponed]) -> None:
    """Puts off what does not go now, or refuses it for good."""
    if postponed:
        await transaction.execute(
            _POSTPONE,
            [each.message.id for each in postponed],
            [each.state for each in postponed],
            [each.reason for each in postponed],
            [each.next_at for each in postponed],
        )


async def mark(transaction: Connection, outcomes: Sequence[Outcome], holder: UUID) -> set[UUID]:
    """Marks messages that `holder` still has in hand; returns which those were."""
    rows = await transaction.fetch(
        _MARK,
        [each.message.id for each in outcomes],
        [each.state for each in outcomes],
        [each.reason for each in outcomes],
        [each.next_at for each in outcomes],
        [each.provider for each in outcomes],
        [each.reference for each in outcomes],
        holder,
    )
    return {row["id"] for row in rows}


async def wake_customers(transaction: Connection, customers: Collection[UUID], now: datetime) -> None:
    """Has held messages of these customers judged again; the customers' rows are locked by the caller."""
    await transaction.execute(_WAKE_CUSTOMERS, list(customers), now)


async def wake_staff(transaction: Connection, staff: Collection[UUID], now: datetime) -> None:
    """Has held notices to these colleagues judged again."""
    await transaction.execute(_WAKE_STAFF, list(staff), now)


async def next_due(database: Database) -> datetime | None:
    moment: datetime | None = await database.fetchval(_NEXT_DUE)
    return moment


def _message(row: Any) -> Message:
    return Message(**{**dict(row), "purpose": Purpose(row["purpose"])})
