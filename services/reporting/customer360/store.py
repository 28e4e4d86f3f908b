"""Customers and their timelines in the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from asyncpg import Record

from shared.auth.visibility import subordinates
from shared.contracts import customers
from shared.db import Connection

_KEEP_REGISTERED = """
INSERT INTO customer AS c (id, kind, external_no, region_id, tier, tier_since, registered_at)
SELECT id, kind, external_no, region_id, tier, registered_at, registered_at
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::timestamptz[])
    AS t(id, kind, external_no, region_id, tier, registered_at)
ON CONFLICT (id) DO UPDATE SET kind = EXCLUDED.kind, external_no = EXCLUDED.external_no,
    region_id = EXCLUDED.region_id, tier = coalesce(c.tier, EXCLUDED.tier),
    tier_since = coalesce(c.tier_since, EXCLUDED.tier_since), registered_at = EXCLUDED.registered_at
"""
_KEEP_UPDATED = """
INSERT INTO customer (id, kind, external_no, region_id)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[])
ON CONFLICT (id) DO UPDATE SET kind = EXCLUDED.kind, external_no = EXCLUDED.external_no,
    region_id = EXCLUDED.region_id
"""
_KEEP_TEAMS = """
INSERT INTO customer (id, team) SELECT * FROM unnest($1::uuid[], $2::jsonb[])
ON CONFLICT (id) DO UPDATE SET team = EXCLUDED.team
"""
_KEEP_TIERS = """
INSERT INTO customer (id, tier, tier_since) SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[])
ON CONFLICT (id) DO UPDATE SET tier = EXCLUDED.tier, tier_since = EXCLUDED.tier_since
"""
_TELL = """
INSERT INTO timeline (type, customer_id, at, event_id, amount, data)
SELECT $1, * FROM unnest($2::uuid[], $3::timestamptz[], $4::uuid[], $5::numeric[], $6::json[])
ON CONFLICT DO NOTHING
"""
_COUNT_PURCHASES = f"""
WITH told AS ({_TELL} RETURNING customer_id, at, amount)
INSERT INTO customer AS c (id, purchases, purchased, first_purchase_at, last_purchase_at)
SELECT customer_id, count(*), sum(amount), min(at), max(at) FROM told GROUP BY customer_id
ON CONFLICT (id) DO UPDATE SET purchases = c.purchases + EXCLUDED.purchases,
    purchased = c.purchased + EXCLUDED.purchased,
    first_purchase_at = least(c.first_purchase_at, EXCLUDED.first_purchase_at),
    last_purchase_at = greatest(c.last_purchase_at, EXCLUDED.last_purchase_at)
"""  # noqa: S608  put together from constants
_COUNT_RETURNS = f"""
WITH told AS ({_TELL} RETURNING customer_id, amount)
INSERT INTO customer AS c (id, returns, purchased)
SELECT customer_id, count(*), sum(amount) FROM told GROUP BY customer_id
ON CONFLICT (id) DO UPDATE SET returns = c.returns + EXCLUDED.returns,
    purchased = c.purchased + EXCLUDED.purchased
"""  # noqa: S608  put together from constants
_KNOWN = f"""
SELECT c.*, c.id IS NOT NULL OR EXISTS (SELECT FROM timeline WHERE customer_id = $1)
       OR EXISTS (SELECT FROM complaint WHERE customer_id = $1) OR EXISTS (SELECT FROM touch WHERE customer_id = $1)
       AS named
FROM (VALUES ($1::uuid)) AS asked (id) LEFT JOIN customer c ON c.id = asked.id
WHERE $2::uuid IS NULL
   OR EXISTS (SELECT FROM jsonb_each_text(c.team) AS t (role, staff_id)
              WHERE t.staff_id::uuid IN ({subordinates("$2")}))
"""  # noqa: S608  names of ours
_TIMELINE = """
SELECT at, event_id, type, data FROM timeline
WHERE customer_id = $1 AND (at, event_id) < ($2, $3)
ORDER BY at DESC, event_id DESC LIMIT $4
"""
_PURCHASES = """
SELECT at, amount, data FROM timeline
WHERE customer_id = $1 AND type = ANY($2::text[])
ORDER BY at DESC, event_id DESC LIMIT $3
"""
_PURCHASE_TYPES = [customers.PurchaseRecorded.TYPE, customers.PurchaseReturned.TYPE]
_END_OF_TIME = (datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1))


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a customer's timeline. `amount` is in CNY, for purchases and returns; `data` the fact's JSON text."""

    customer_id: UUID
    at: datetime
    event_id: UUID
    data: str
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A line as it is read; `data` is the fact without the customer's id and without what it leaves open."""

    at: datetime
    event_id: UUID
    type: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase, or a return of one: then the amount (CNY) is negative and `returns_id` the purchase."""

    id: UUID
    amount: Decimal
    occurred_at: datetime
    brand_id: UUID | None
    external_no: str | None
    returns_id: UUID | None


async def keep_registered(transaction: Connection, facts: Sequence[customers.CustomerRegistered]) -> None:
    await transaction.execute(
        _KEEP_REGISTERED,
        [fact.customer_id for fact in facts],
        [fact.kind for fact in facts],
        [fact.external_no for fact in facts],
        [fact.region_id for fact in facts],
        [fact.tier for fact in facts],
        [fact.registered_at for fact in facts],
    )


async def keep_updated(transaction: Connection, facts: Sequence[customers.CustomerUpdated]) -> None:
    await transaction.execute(
        _KEEP_UPDATED,
        [fact.customer_id for fact in facts],
        [fact.kind for fact in facts],
        [fact.external_no for fact in facts],
        [fact.region_id for fact in facts],
    )


async def keep_teams(transaction: Connection, facts: Sequence[customers.AccountTeamChanged]) -> None:
    await transaction.execute(
        _KEEP_TEAMS,
        [fact.customer_id for fact in facts],
        [{role: str(staff_id) for role, staff_id in fact.team.items()} for fact in facts],
    )


async def keep_tiers(transaction: Connection, facts: Sequence[customers.TierChanged]) -> None:
    await transaction.execute(
        _KEEP_TIERS,
        [fact.customer_id for fact in facts],
        [fact.to_tier for fact in facts],
        [fact.at for fact in facts],
    )


async def tell(transaction: Connection, type_: str, entries: Sequence[Entry]) -> None:
    """Writes entries of one event type into their timelines; what stands there already stays."""
    await _write(transaction, _TELL, type_, entries)


async def tell_purchases(transaction: Connection, type_: str, entries: Sequence[Entry]) -> None:
    """The same for purchases, which are counted and summed at their customers."""
    await _write(transaction, _COUNT_PURCHASES, type_, entries)


async def tell_returns(transaction: Connection, type_: str, entries: Sequence[Entry]) -> None:
    """The same for returns, whose amounts are negative."""
    await _write(transaction, _COUNT_RETURNS, type_, entries)


async def _write(transaction: Connection, sql: str, type_: str, entries: Sequence[Entry]) -> None:
    await transaction.execute(
        sql,
        type_,
        [entry.customer_id for entry in entries],
        [entry.at for entry in entries],
        [entry.event_id for entry in entries],
        [entry.amount for entry in entries],
        [entry.data for entry in entries],
    )


async def known(reader: Connection, customer_id: UUID, viewer: UUID | None) -> Record | None:
    """What customers said of somebody, with null for all of it when only others named them; None when nobody did, or
    when the viewer does not see that customer."""
    row = await reader.fetchrow(_KNOWN, customer_id, viewer)
    return row if row is not None and row["named"] else None


async def timeline(
    reader: Connection, customer_id: UUID, after: tuple[datetime, UUID] | None, limit: int
) -> list[Told]:
    """Entries from newest to oldest, those older than `after`."""
    rows = await reader.fetch(_TIMELINE, customer_id, *(after or _END_OF_TIME), limit)
    return [Told(row["at"], row["event_id"], row["type"], _said(row["data"])) for row in rows]


def _said(data: str) -> dict[str, Any]:
    return {name: value for name, value in orjson.loads(data).items() if name != "customer_id" and value is not None}


async def last_purchases(reader: Connection, customer_id: UUID, limit: int) -> list[Purchase]:
    """The last purchases and returns, newest first."""
    rows = await reader.fetch(_PURCHASES, customer_id, _PURCHASE_TYPES, limit)
    return [_purchase(row) for row in rows]


def _purchase(row: Record) -> Purchase:
    data = orjson.loads(row["data"])
    purchase_id, return_id, brand_id = UUID(data["purchase_id"]), data.get("return_id"), data.get("brand_id")
    return Purchase(
        id=UUID(return_id) if return_id else purchase_id,
        amount=row["amount"],
        occurred_at=row["at"],
        brand_id=UUID(brand_id) if brand_id else None,
        external_no=data.get("external_no"),
        returns_id=purchase_id if return_id else None,
    )


async def names(reader: Connection, ids: Sequence[UUID]) -> dict[UUID, str]:
    """What the directory calls these stores, regions and brands."""
    rows = await reader.fetch("SELECT id, name FROM directory_name WHERE id = ANY($1::uuid[])", ids)
    return {row["id"]: row["name"] for row in rows}
