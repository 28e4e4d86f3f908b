"""Reads of segments: sums of months and days late in one statement, judged by the domain."""

from typing import Final
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import rows
from services.customers.segments.domain import INVOICES, MONTHS, Segments, segments
from services.customers.tiers.store.judging import counted_of
from services.customers.tiers.store.policies import version_on
from shared.statement import Statement

_SEGMENTS: Final = Statement(
    """
    SELECT :id::uuid AS customer_id,
        ARRAY(
            SELECT coalesce(sum({counted}), 0)
            FROM generate_series(:running::integer - {months}, :running::integer - 1) AS m(month)
            CROSS JOIN tier_policy p
            LEFT JOIN month_total t ON t.customer_id = :id::uuid AND t.month = m.month
            WHERE p.version = :policy::integer GROUP BY m.month ORDER BY m.month
        ) AS sums,
        ARRAY(
            SELECT greatest(0, coalesce(i.paid_on, :today::date) - i.due_on) FROM payment i
            WHERE i.customer_id = :id::uuid AND i.withdrawn_at IS NULL
                AND (i.paid_on IS NOT NULL OR i.due_on < :today::date)
            ORDER BY i.due_on DESC, i.id DESC LIMIT {invoices}
        ) AS days_late
    """,
    segments,
    counted=counted_of("p"),
    months=f"{MONTHS:d}",
    invoices=f"{INVOICES:d}",
)
"""By hand: two lists beside each other."""


async def of_customer(context: Context, customer_id: UUID, *, viewer: UUID | None) -> Segments:
    """A customer's, as of today. Raises CustomerNotFound, also for one whom the viewer does not see."""
    await rows.head(context.database, customer_id, viewer=viewer)
    today = context.today()
    found = await _SEGMENTS.one(
        context.database,
        id=customer_id,
        running=context.running_month().ordinal,
        policy=await version_on(context.database, today),
        today=today,
    )
    return found or segments(customer_id, (), ())
