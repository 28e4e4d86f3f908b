"""Purchases in the database. Recording is set-based: one statement for one purchase or five thousand."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.customers.heads.store.visibility import sees
from services.customers.purchases.domain import NewPurchase, Purchase, PurchaseOutcome, PurchaseResult
from shared.contracts.customers import PurchaseRecorded
from shared.db import Connection, Database
from shared.months import Month
from shared.telemetry import current_traceparent

COLUMNS = "id, version, customer_id, brand_id, grade, amount, returned, occurred_at, month, external_no, returns_id"

MARK_STALE = """
    UPDATE closed_month k SET stale = true
    FROM span s, tier_policy p
    WHERE NOT k.stale AND p.version = k.policy_version AND k.month >= s.month
        AND (k.month <= s.month + p.window_months OR k.month <= s.counts_from
             OR k.month <= s.first_purchase + p.window_months)
"""
"""Closed months that something new in `span` (month, and the customer's counts_from and first_purchase before it)
touches: the windows that contain the month, the month after (its moves), those that gain a customer, those whose
average has another divisor (decisions 11, 12)."""


def consequences(at: str, historical: str, trace: str) -> str:
    """The common tables for what follows from the purchases in `fresh`: sums, stale months, first months, events.

    The parameters are those of the events. Their JSON is put together as text: it takes half the time that
    json_build_object does, which an import feels.
    """
    return f"""totals AS (
    INSERT INTO month_total AS m (customer_id, month, grade, amount)
    SELECT customer_id, month, grade, sum(amount) FROM fresh GROUP BY customer_id, month, grade
    ON CONFLICT (customer_id, month, grade) DO UPDATE SET amount = m.amount + EXCLUDED.amount
), span AS (
    SELECT f.month, max(c.counts_from) AS counts_from, max(c.first_purchase) AS first_purchase
    FROM fresh f JOIN customer c ON c.id = f.customer_id GROUP BY f.month
), stale AS (
    {MARK_STALE}
), firsts AS (
    UPDATE customer c SET first_purchase = f.month, counts_from = least(c.counts_from, f.month)
    FROM (SELECT customer_id, min(month) AS month FROM fresh GROUP BY customer_id) f
    WHERE c.id = f.customer_id AND (c.first_purchase IS NULL OR c.first_purchase > f.month)
), told AS (
    INSERT INTO event_log (event_id, topic, key, type, time, aggregate_id, aggregate_version, historical, traceparent,
                           data)
    SELECT uuidv7(), '{PurchaseRecorded.TOPIC}', customer_id::varchar, '{PurchaseRecorded.TYPE}', {at}, id, 1,
           {historical}, {trace},
           ('{{"customer_id":"' || customer_id || '","purchase_id":"' || id || '","brand_id":' ||
            coalesce('"' || brand_id || '"', 'null') || ',"amount":"' || amount || '","occurred_at":' ||
            to_json(occurred_at) || ',"external_no":' || coalesce(to_json(external_no)::text, 'null') || '}}')::json
    FROM fresh
)"""  # noqa: S608  constants of the contract


_INSERT = f"""
WITH incoming AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::varchar[], $5::numeric[], $6::timestamptz[],
                         $7::integer[], $8::varchar[], $9::bytea[])
        AS t(id, customer_id, brand_id, grade, amount, occurred_at, month, external_no, identity)
), fresh AS (
    INSERT INTO purchase (id, version, customer_id, brand_id, grade, amount, returned, occurred_at, month, external_no,
                          identity)
    SELECT id, 1, customer_id, brand_id, grade, amount, 0, occurred_at, month, external_no, identity FROM incoming
    ON CONFLICT (identity) DO NOTHING
    RETURNING id, customer_id, brand_id, grade, amount, occurred_at, month, external_no
), {consequences("$10", "$11", "$12")}
SELECT id FROM fresh
"""  # noqa: S608  parts of this file

_STANDING = """
SELECT i.n, p.id,
       (p.customer_id, p.amount, p.occurred_at, p.returns_id) IS NOT DISTINCT FROM
       (i.customer_id, i.amount, i.occurred_at, NULL::uuid) AND p.brand_id IS NOT DISTINCT FROM i.brand_id AS same
FROM unnest($1::bigint[], $2::bytea[], $3::uuid[], $4::uuid[], $5::numeric[], $6::timestamptz[])
    AS i(n, identity, customer_id, brand_id, amount, occurred_at)
JOIN purchase p ON p.identity = i.identity
"""

_RETURN = f"""
WITH returned AS (
    UPDATE purchase SET returned = returned + $3, version = version + 1 WHERE id = $1
    RETURNING version, customer_id, brand_id, grade, month
), kept AS (
    INSERT INTO purchase (id, version, customer_id, brand_id, grade, amount, returned, occurred_at, month, external_no,
                          returns_id, identity)
    SELECT $2, 1, customer_id, brand_id, grade, -$3::numeric, 0, $4, month, $5, $1, $6 FROM returned
), total AS (
    UPDATE month_total m SET amount = m.amount - $3 FROM returned r
    WHERE m.customer_id = r.customer_id AND m.month = r.month AND m.grade = r.grade
), span AS (
    SELECT month, month AS counts_from, NULL::integer AS first_purchase FROM returned
), stale AS (
    {MARK_STALE}
)
SELECT version FROM returned
"""  # noqa: S608  a constant of this file

_BY_ID = f"SELECT {COLUMNS} FROM purchase p WHERE id = $1 AND {sees('$2', 'p.customer_id')}"  # noqa: S608  names of ours
_LOCKED = f"SELECT {COLUMNS} FROM purchase WHERE id = $1 FOR NO KEY UPDATE"  # noqa: S608  constant column list
_BY_IDENTITY = f"SELECT {COLUMNS} FROM purchase WHERE identity = $1"  # noqa: S608  constant column list
_GRADE = "SELECT grade FROM brand WHERE id = $1"


async def insert_many(
    transaction: Connection, purchases: Sequence[NewPurchase], *, at: datetime, historical: bool
) -> list[PurchaseResult]:
    """Records purchases with month totals, first months and events; answers one result each, in their order.

    The caller holds the locks (`heads/store/locks.py`), and knows that customers and brands exist.
    """
    rows = await transaction.fetch(
        _INSERT,
        [p.id for p in purchases],
        [p.customer_id for p in purchases],
        [p.brand_id for p in purchases],
        [p.grade for p in purchases],
        [p.amount for p in purchases],
        [p.occurred_at for p in purchases],
        [p.month.ordinal for p in purchases],
        [p.external_no for p in purchases],
        [p.identity for p in purchases],
        at,
        historical,
        current_traceparent(),
    )
    recorded = {row["id"] for row in rows}
    results = {n: PurchaseResult(p.id, PurchaseOutcome.RECORDED) for n, p in enumerate(purchases) if p.id in recorded}
    if len(results) < len(purchases):
        results |= await _standing(transaction, {n: p for n, p in enumerate(purchases) if n not in results})
    return [results[n] for n in range(len(purchases))]


async def _standing(transaction: Connection, refused: dict[int, NewPurchase]) -> dict[int, PurchaseResult]:
    rows = await transaction.fetch(
        _STANDING,
        list(refused),
        [p.identity for p in refused.values()],
        [p.customer_id for p in refused.values()],
        [p.brand_id for p in refused.values()],
        [p.amount for p in refused.values()],
        [p.occurred_at for p in refused.values()],
    )
    return {
        row["n"]: PurchaseResult(row["id"], PurchaseOutcome.REPEATED if row["same"] else PurchaseOutcome.REUSED)
        for row in rows
    }


async def insert_return(
    transaction: Connection,
    purchase: Purchase,
    return_id: UUID,
    *,
    amount: Decimal,
    occurred_at: datetime,
    external_no: str | None,
    identity: bytes,
) -> int:
    """Records a return of a purchase whose row is locked; returns the purchase's new version."""
    version: int = await transaction.fetchval(
        _RETURN, purchase.id, return_id, amount, occurred_at, external_no, identity
    )
    return version


async def purchase(reader: Connection | Database, id_: UUID, *, viewer: UUID | None) -> Purchase | None:
    """None also for a purchase of a customer whom the viewer does not see."""
    return _found(await reader.fetchrow(_BY_ID, id_, viewer))


async def locked(transaction: Connection, id_: UUID) -> Purchase | None:
    return _found(await transaction.fetchrow(_LOCKED, id_))


async def by_identity(reader: Connection, identity: bytes) -> Purchase | None:
    return _found(await reader.fetchrow(_BY_IDENTITY, identity))


async def grade_of(reader: Connection, brand_id: UUID) -> str | None:
    grade: str | None = await reader.fetchval(_GRADE, brand_id)
    return grade


def _found(row: Any) -> Purchase | None:
    return None if row is None else purchase_of(row)


def purchase_of(row: Any) -> Purchase:
    """The purchase in a row of COLUMNS."""
    return Purchase(**{**row, "month": Month.at(row["month"])})
