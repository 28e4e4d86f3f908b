"""Service figures, counted for a page of customers at once."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from services.customers.context import Context
from services.customers.payments.domain import LAST
from services.customers.service_figures.domain import ServiceFigures, looked_at_from
from shared.statement import Statement

_FIGURES: Final = Statement(
    """
    SELECT w.customer_id, s.touches_missed, s.answers_late,
        (SELECT count(*) FROM last_touch t WHERE t.customer_id = w.customer_id AND t.at >= :since)::integer
            AS touches_done,
        (SELECT count(*) FROM customer_case k
         WHERE k.customer_id = w.customer_id AND k.state IN ('open', 'answered')
             AND k.kind IN ('complaint', 'grumble') AND NOT k.unfounded)::integer AS complaints_open,
        (SELECT count(*) FROM payment i
         WHERE i.customer_id = w.customer_id AND i.due_on < :today::date AND i.paid_on IS NULL
             AND i.withdrawn_at IS NULL)::integer AS invoices_overdue,
        ARRAY(
            SELECT greatest(0, coalesce(i.paid_on, :today::date) - i.due_on) FROM payment i
            WHERE i.customer_id = w.customer_id AND i.withdrawn_at IS NULL
                AND (i.paid_on IS NOT NULL OR i.due_on < :today::date)
            ORDER BY i.due_on DESC, i.id DESC LIMIT :invoices::integer
        ) AS days_late
    FROM unnest(:ids::uuid[]) AS w (customer_id)
    CROSS JOIN LATERAL (
        SELECT (count(*) FILTER (WHERE g.code = 'missed'))::integer AS touches_missed,
            (count(*) FILTER (WHERE g.code = 'overdue' AND NOT EXISTS (
                SELECT FROM customer_case k WHERE k.complaint_id = g.ref AND k.unfounded)))::integer AS answers_late
        FROM churn_signal g WHERE g.customer_id = w.customer_id AND g.at >= :since
    ) s
    """,
    ServiceFigures.found,
)
"""By hand: counts of four tables, each by its index, in one round trip. Who keeps what care and complaints tell of that
goes wrong stands above tiers, its table does not."""


async def of_customers(context: Context, ids: Sequence[UUID]) -> dict[UUID, ServiceFigures]:
    """The figures of each of these customers."""
    if not ids:
        return {}
    today = context.today()
    since = looked_at_from(today, context.zone)
    found = await _FIGURES.all(context.database, ids=ids, since=since, today=today, invoices=LAST)
    return {each.customer_id: each for each in found}
