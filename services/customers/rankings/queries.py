"""Products and brands by what they bring: each ranking is one statement over the entries of its months."""

from decimal import Decimal
from typing import Any, Final

from services.customers.context import Context
from services.customers.heads.store.names import beside, name_of
from services.customers.purchases.store.costs import cost_of
from services.customers.rankings.domain import RankedGoods, RankingAsked, RankingTotals
from services.customers.segments.domain import MOST_OF_IT
from shared.statement import Statement, with_parts

_ENTRIES: Final = """entry AS (
        SELECT e.id, e.returns_id, e.brand_id, e.amount FROM purchase e
        WHERE e.reversed_at IS NULL AND e.month BETWEEN :first::integer AND :last::integer
    )"""
_REST: Final = """(SELECT greatest(abs({entry}.amount) - coalesce(sum(o.amount), 0), 0) FROM purchase_line o
            WHERE o.entry_id = {entry}.id HAVING count(*) - count(o.amount) = 1)"""
"""What one line alone does not say, of what the entry came to."""
_AS_BOUGHT: Final = """(SELECT round(sum(o.{column}) / sum(o.quantity) * l.quantity, 2) FROM purchase_line o
            WHERE o.entry_id = e.returns_id AND o.product = l.product AND o.batch IS NOT DISTINCT FROM l.batch
            HAVING count(*) = count(o.{column}))"""
"""What of a line comes back that says only how many pieces: their part of what was bought."""
_PART: Final = "round({of} * e.amount / b.amount, 2)"
_OF_ALL: Final = "all_"
"""Columns that say of each row what all come to begin so."""
_GOODS: Final = with_parts(
    """
    WITH {entries}, line AS (
        SELECT l.product, l.quantity AS pieces, coalesce(l.amount, {rest}) AS amount, l.cost
        FROM entry e JOIN purchase_line l ON l.entry_id = e.id WHERE e.returns_id IS NULL
        UNION ALL
        SELECT l.product, -l.quantity, -coalesce(l.amount, {rest}, {paid}), -coalesce(l.cost, {spent})
        FROM entry e JOIN purchase_line l ON l.entry_id = e.id WHERE e.returns_id IS NOT NULL
        UNION ALL
        SELECT l.product, 0, {part_paid}, {part_spent}
        FROM entry e JOIN purchase b ON b.id = e.returns_id AND b.amount > 0 JOIN purchase_line l ON l.entry_id = b.id
        WHERE NOT EXISTS (SELECT FROM purchase_line own WHERE own.entry_id = e.id)
    ), summed AS (
        SELECT product, sum(pieces) AS pieces, NULL::uuid AS brand_id, coalesce(sum(amount), 0) AS amount,
            sum(amount) FILTER (WHERE cost IS NOT NULL) AS costed, sum(cost) FILTER (WHERE amount IS NOT NULL) AS cost
        FROM line GROUP BY product
    )""",
    entries=_ENTRIES,
    rest=with_parts(_REST, entry="e"),
    paid=with_parts(_AS_BOUGHT, column="amount"),
    spent=with_parts(_AS_BOUGHT, column="cost"),
    part_paid=with_parts(_PART, of=with_parts("coalesce(l.amount, {rest})", rest=with_parts(_REST, entry="b"))),
    part_spent=with_parts(_PART, of="l.cost"),
)
_BRANDS: Final = with_parts(
    """
    WITH {entries}, costs AS (SELECT e.brand_id, e.amount, {cost} AS cost FROM entry e), summed AS (
        SELECT NULL::text AS product, NULL::bigint AS pieces, brand_id, sum(amount) AS amount,
            sum(amount) FILTER (WHERE cost IS NOT NULL) AS costed, sum(cost) AS cost
        FROM costs GROUP BY brand_id
    )""",
    entries=_ENTRIES,
    cost=cost_of("e"),
)
_RANKED: Final = """{summed}, figured AS (
        SELECT *, CASE WHEN :by::text = 'profit' THEN costed - cost ELSE amount END AS figure FROM summed
    ), ranked AS (
        SELECT *, row_number() OVER falling AS place, sum(figure) OVER (falling ROWS UNBOUNDED PRECEDING) AS so_far,
            count(*) OVER () AS all_ranked, sum(amount) OVER () AS all_amount, sum(costed) OVER () AS all_costed,
            sum(cost) OVER () AS all_cost, sum(figure) OVER () AS all_figure
        FROM figured WINDOW falling AS (ORDER BY figure DESC NULLS LAST, amount DESC, product, brand_id)
    ), judged AS (
        SELECT *, coalesce(figure > 0 AND (so_far - figure) * 100 < all_figure * {most_of_it}, false) AS brings_most
        FROM ranked
    ), counted AS (
        SELECT *, count(*) FILTER (WHERE brings_most) OVER () AS all_bring_most FROM judged
    )
    SELECT place, product, pieces, brand_id, {names}, amount, costed, cost, figure, so_far, brings_most,
        all_ranked, all_amount, all_costed, all_cost, all_figure, all_bring_most,
        (SELECT sum(amount) FROM entry) AS all_sales
    FROM counted WHERE place > :after::bigint ORDER BY place LIMIT :most"""


def _goods(pieces: Decimal | None, **row: Any) -> RankedGoods:
    own = {name: value for name, value in row.items() if not name.startswith(_OF_ALL)}
    of_all = {name.removeprefix(_OF_ALL): value for name, value in row.items() if name.startswith(_OF_ALL)}
    return RankedGoods(pieces=None if pieces is None else int(pieces), totals=RankingTotals(**of_all), **own)


def _ranking(summed: str) -> Statement[RankedGoods]:
    names = beside(brand_name=name_of("brand", "counted.brand_id"))
    return Statement(_RANKED, _goods, summed=summed, names=names, most_of_it=f"{MOST_OF_IT:d}")


_PRODUCTS: Final = _ranking(_GOODS)
"""By hand, as the next: what each line, and each return without one, says of its product, with places among all."""
_OF_BRANDS: Final = _ranking(_BRANDS)


async def products(context: Context, asked: RankingAsked, after: int | None, most: int) -> list[RankedGoods]:
    """Products after a place, the one that brought most first."""
    return await _PRODUCTS.all(context.database, **_values(asked, after, most))


async def brands(context: Context, asked: RankingAsked, after: int | None, most: int) -> list[RankedGoods]:
    """Brands likewise, by all that was bought of them, with lines or without."""
    return await _OF_BRANDS.all(context.database, **_values(asked, after, most))


def _values(asked: RankingAsked, after: int | None, most: int) -> dict[str, object]:
    months = {"first": asked.first.ordinal, "last": asked.last.ordinal}
    return {"by": asked.by, "after": after or 0, "most": most, **months}
