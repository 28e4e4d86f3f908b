"""Reads of segments: sums of months and days late in one statement, judged by the domain."""

from decimal import Decimal
from typing import Final
from uuid import UUID

from services.customers.context import Context
from services.customers.credit.domain import limit_use
from services.customers.heads.store import rows
from services.customers.losses.store import MARGIN
from services.customers.purchases.store.costs import WITH_LINES, cost_of
from services.customers.segments import store
from services.customers.segments.domain import (
    MOST_OF_IT,
    PYRAMID,
    YEAR,
    LoyaltyRating,
    NotRated,
    Pyramid,
    PyramidLevel,
    Segments,
    segments,
)
from services.customers.tiers.store.judging import counted_of
from services.customers.tiers.store.policies import version_on
from services.customers.worth_policies import store as policies
from services.customers.worth_policies.domain import WorthPolicy
from shared.money import ZERO
from shared.statement import Scalar, Statement, with_parts

_SEGMENTS: Final = Statement(
    """
    SELECT :id::uuid AS customer_id,
        ARRAY(
            SELECT coalesce(sum({counted}), 0)
            FROM generate_series(:running::integer - :months::integer, :running::integer - 1) AS m(month)
            CROSS JOIN tier_policy p
            LEFT JOIN month_total t ON t.customer_id = :id::uuid AND t.month = m.month
            WHERE p.version = :policy::integer GROUP BY m.month ORDER BY m.month
        ) AS sums,
        ARRAY({days_late}) AS days_late,
        ARRAY({rated}) AS rated,
        ARRAY({overrides}) AS overrides,
        (SELECT sum(i.amount) FROM payment i
         WHERE i.customer_id = :id::uuid AND i.paid_on IS NULL AND i.withdrawn_at IS NULL) AS owed,
        (SELECT l.amount FROM credit_limit l WHERE l.customer_id = :id::uuid) AS credit_limit,
        (SELECT a.credit_rating FROM archive a WHERE a.customer_id = :id::uuid) AS credit_rating
    """,
    counted=counted_of("p"),
    days_late=with_parts(store.DAYS_LATE, customer=":id::uuid"),
    rated=with_parts(store.RATED, customer=":id::uuid"),
    overrides=with_parts(store.OVERRIDES, customer=":id::uuid"),
)
"""By hand: lists beside each other, and what is owed of which limit."""
_TOP, _NEXT = PYRAMID["top"][0], PYRAMID["top"][0] + PYRAMID["next"][0]
_PYRAMID: Final = Statement(
    """
    WITH bought AS (
        SELECT customer_id, sum(amount) AS amount FROM month_total
        WHERE month BETWEEN :running::integer - {year} AND :running::integer - 1
        GROUP BY customer_id HAVING sum(amount) > 0
    ), entry AS (
        SELECT e.customer_id, e.amount, {cost} AS cost FROM purchase e
        WHERE e.id IN {with_lines} AND e.reversed_at IS NULL
            AND e.month BETWEEN :running::integer - {year} AND :running::integer - 1
    ), known AS (
        SELECT customer_id, sum(amount) AS costed, sum(cost) AS cost FROM entry WHERE cost IS NOT NULL
        GROUP BY customer_id
    ), gained AS (
        SELECT b.customer_id, b.amount, coalesce(k.costed, 0) AS costed, {profit} AS profit
        FROM bought b LEFT JOIN known k ON k.customer_id = b.customer_id
    ), placed AS (
        SELECT amount, costed, profit, row_number() OVER falling AS place, count(*) OVER () AS all_of_them,
            sum(amount) OVER () AS total, sum(profit) OVER () AS total_profit,
            sum(amount) OVER (ORDER BY amount DESC, customer_id ROWS UNBOUNDED PRECEDING) - amount AS before,
            sum(profit) OVER (falling ROWS UNBOUNDED PRECEDING) - profit AS before_profit
        FROM gained WINDOW falling AS (ORDER BY profit DESC, amount DESC, customer_id)
    ), levelled AS (
        SELECT amount, costed, profit, before * 100 < total * {most_of_it} AS brings_most,
            profit > 0 AND before_profit * 100 < total_profit * {most_of_it} AS brings_most_profit,
            CASE WHEN place <= ceil(all_of_them * {top} / 100.0) THEN 'top'
                WHEN place <= ceil(all_of_them * {next} / 100.0) THEN 'next' ELSE 'rest' END AS level
        FROM placed
    )
    SELECT level, count(*)::integer AS customers, sum(amount) AS amount, sum(costed) AS costed,
        round(sum(profit), 2) AS profit, (count(*) FILTER (WHERE brings_most))::integer AS bring_most,
        (count(*) FILTER (WHERE brings_most_profit))::integer AS bring_most_profit
    FROM levelled GROUP BY level
    """,
    PyramidLevel,
    cost=cost_of("e"),
    with_lines=WITH_LINES,
    profit=store.profit_of("b.amount", "coalesce(k.costed, 0)", "coalesce(k.cost, 0)"),
    year=f"{YEAR:d}",
    most_of_it=f"{MOST_OF_IT:d}",
    top=f"{_TOP:d}",
    next=f"{_NEXT:d}",
)
"""By hand: places among all. Of a small network a part of a customer is a whole one. Costs are looked for where there
are lines."""
_MARGIN: Final = Scalar("SELECT {margin}", Decimal, margin=MARGIN)


async def of_customer(context: Context, customer_id: UUID, *, viewer: UUID | None) -> tuple[Segments, WorthPolicy]:
    """A customer's, as of today, and by which policy. Raises CustomerNotFound, also for one whom the viewer does not
    see."""
    await rows.head(context.database, customer_id, viewer=viewer)
    today = context.today()
    by = await policies.present(context.database)
    rules = by.rules.segments
    [found] = await _SEGMENTS.all(
        context.database,
        id=customer_id,
        running=context.running_month().ordinal,
        policy=await version_on(context.database, today),
        today=today,
        months=rules.months,
        invoices=rules.invoices,
    )
    by_hand = dict(found["overrides"])
    use = limit_use(found["owed"] or ZERO, found["credit_limit"])
    said = segments(customer_id, found["sums"], found["days_late"], found["rated"], rules, by_hand)
    return said.with_limit(use, found["credit_rating"]), by


async def of_all(context: Context) -> Pyramid:
    """How much of all profit of the last twelve complete months comes from how few customers, and of all sales."""
    levels = await _PYRAMID.all(context.database, running=context.running_month().ordinal)
    return Pyramid.of(levels, await _MARGIN.only(context.database))


async def rating(context: Context, customer_id: UUID, *, viewer: UUID | None) -> LoyaltyRating:
    """What staff say of a customer. Raises CustomerNotFound, NotRated."""
    await rows.head(context.database, customer_id, viewer=viewer)
    found = await store.rating(context.database, customer_id)
    if found is None:
        raise NotRated("rate it: PUT /customers/v1/customers/{id}/loyalty")
    return found
