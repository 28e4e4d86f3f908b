"""Sums of what a customer bought."""

from typing import Any, Final
from uuid import UUID

from services.customers.buying.domain import BrandMonth, Sums, month_by_month
from services.customers.context import Context
from services.customers.heads.store import rows
from services.customers.heads.store.names import beside, name_of
from services.customers.purchases.domain import Narrowing
from services.customers.purchases.store.costs import cost_of
from shared.months import Month
from shared.statement import Statement, with_parts

_SUMS: Final = """count(*) FILTER (WHERE returns_id IS NULL) AS purchases,
    count(*) FILTER (WHERE returns_id IS NOT NULL) AS returns,
    coalesce(sum(amount) FILTER (WHERE returns_id IS NULL), 0) AS bought,
    coalesce(-sum(amount) FILTER (WHERE returns_id IS NOT NULL), 0) AS returned,
    sum(amount) FILTER (WHERE cost IS NOT NULL) AS costed, sum(cost) AS cost"""
_ENTRIES: Final = """(SELECT e.month, e.brand_id, e.returns_id, e.amount, {cost} AS cost FROM purchase e
    WHERE e.customer_id = :customer_id AND e.reversed_at IS NULL AND {where}) AS entries"""
_TOTAL: Final = Statement(
    "SELECT {sums} FROM {entries}",
    Sums,
    sums=_SUMS,
    entries=with_parts(
        _ENTRIES,
        cost=cost_of("e"),
        where="""(:since::timestamptz IS NULL OR e.occurred_at >= :since)
        AND (:until::timestamptz IS NULL OR e.occurred_at < :until)
        AND (:brand_id::uuid IS NULL OR e.brand_id = :brand_id)""",
    ),
)
"""By hand, as the next: sums with what each entry cost."""


def _brand_month(month: int, brand_id: UUID | None, brand_name: str | None, **sums: Any) -> BrandMonth:
    return BrandMonth(Month.at(month), brand_id, Sums(**sums), brand_name)


_TREND: Final = Statement(
    """
    SELECT month, brand_id, {names}, {sums} FROM {entries}
    GROUP BY month, brand_id ORDER BY month, brand_id NULLS LAST
    """,
    _brand_month,
    names=beside(brand_name=name_of("brand", "entries.brand_id")),
    sums=_SUMS,
    entries=with_parts(_ENTRIES, cost=cost_of("e"), where="e.month BETWEEN :first AND :last"),
)


async def total(context: Context, customer_id: UUID, narrowing: Narrowing, *, viewer: UUID | None) -> Sums:
    """What the customer's standing entries come to. Raises CustomerNotFound."""
    await rows.head(context.database, customer_id, viewer=viewer)
    [found] = await _TOTAL.all(
        context.database,
        customer_id=customer_id,
        since=narrowing.since,
        until=narrowing.until,
        brand_id=narrowing.brand_id,
    )
    return found


async def trend(
    context: Context, customer_id: UUID, first: Month, last: Month, *, viewer: UUID | None
) -> list[BrandMonth]:
    """Month by month and by brand, the oldest first; a month in which there is nothing stands with zeros.

    A return counts in the month of its purchase. Raises CustomerNotFound.
    """
    await rows.head(context.database, customer_id, viewer=viewer)
    found = await _TREND.all(context.database, customer_id=customer_id, first=first.ordinal, last=last.ordinal)
    return month_by_month(found, first, last)
