"""What followed from purchases that are undone, one or many: their months, from when customers count, stale months."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from services.customers.tiers.store.months import MARK_STALE
from shared.db import Connection
from shared.statement import Statement

_FORGET_TOTALS = Statement(
    """
    DELETE FROM month_total m
    USING (SELECT DISTINCT customer_id, grade, month FROM purchase WHERE id = ANY(:ids::uuid[])) u
    WHERE m.customer_id = u.customer_id AND m.month = u.month AND m.grade = u.grade
      AND NOT EXISTS (SELECT FROM purchase p WHERE p.customer_id = u.customer_id AND p.month = u.month
                      AND p.grade = u.grade AND p.reversed_at IS NULL)
    """
)
"""By hand: a month in which nothing was bought is none with data."""
_COUNT_AGAIN = Statement(
    """
    WITH gone AS (SELECT DISTINCT customer_id, month FROM purchase WHERE id = ANY(:ids::uuid[])), first AS (
        SELECT a.customer_id, min(p.month) AS month,
               (extract(year FROM a.registered_at AT TIME ZONE :zone) * 12
                + extract(month FROM a.registered_at AT TIME ZONE :zone) - 1)::integer AS registered
        FROM archive a LEFT JOIN purchase p ON p.customer_id = a.customer_id AND p.reversed_at IS NULL
        WHERE a.customer_id IN (SELECT customer_id FROM gone) GROUP BY a.customer_id
    ), counted AS (
        UPDATE customer c SET first_purchase = first.month, counts_from = least(first.month, first.registered)
        FROM first WHERE c.id = first.customer_id RETURNING c.id, c.counts_from, c.first_purchase
    ), span AS (
        SELECT g.month, max(c.counts_from) AS counts_from, max(c.first_purchase) AS first_purchase
        FROM gone g JOIN counted c ON c.id = g.customer_id GROUP BY g.month
    )
    {mark_stale}
    """,
    mark_stale=MARK_STALE,
)
"""By hand: from when customers count now, and the closed months that are other than they were closed."""


async def undo_consequences(transaction: Connection, ids: Sequence[UUID], zone: ZoneInfo, at: datetime) -> None:
    """After entries of locked customers were undone: their months' sums have been lowered already."""
    await _FORGET_TOTALS.execute(transaction, ids=ids)
    await _COUNT_AGAIN.execute(transaction, ids=ids, zone=zone.key, at=at)
