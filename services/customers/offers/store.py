"""Reading what offers to a caller are made of. By hand: sums and intervals are judged where the rows lie."""

from typing import Final

from services.customers.offers.domain import BrandBought, Earning
from services.customers.tiers.store.judging import counted_of, divisor_of
from shared.nested import Nested
from shared.statement import with_parts

_RUNNING: Final = "(extract(year FROM caller.today) * 12 + extract(month FROM caller.today) - 1)::integer"
"""The ordinal of the running month."""


EARNING: Final = Nested(
    with_parts(
        """
        SELECT coalesce((SELECT sum({counted}) FROM month_total t WHERE t.customer_id = c.id
                         AND t.month BETWEEN {running} - p.window_months + 1 AND {running}), 0) AS counted,
               p.threshold_a * d.divisor AS a, p.threshold_b * d.divisor AS b, p.threshold_c * d.divisor AS c
        FROM (SELECT * FROM tier_policy
              WHERE starts_on <= greatest(caller.today, (SELECT min(starts_on) FROM tier_policy))
              ORDER BY starts_on DESC, version DESC LIMIT 1) AS p
        CROSS JOIN customer c CROSS JOIN LATERAL (SELECT {divisor} AS divisor) AS d
        WHERE c.id = caller.id
        """,
        counted=counted_of("p"),
        running=_RUNNING,
        divisor=divisor_of("p", _RUNNING),
    ),
    Earning,
)
"""What the caller's running month has earned, and what tiers ask: one row."""
BRANDS: Final = Nested(
    """
    SELECT b.id, b.name, count(*) AS purchases, min(p.occurred_at) AS first_at, max(p.occurred_at) AS last_at
    FROM (SELECT brand_id, occurred_at FROM purchase
          WHERE customer_id = caller.id AND occurred_at > caller.now - interval '400 days' AND brand_id IS NOT NULL
              AND reversed_at IS NULL AND returns_id IS NULL AND amount > returned
          ORDER BY occurred_at DESC LIMIT 50) AS p
    JOIN brand b ON b.id = p.brand_id
    GROUP BY b.id ORDER BY max(p.occurred_at) DESC LIMIT 10
    """,
    BrandBought,
)
"""The brands that the caller bought of late."""
