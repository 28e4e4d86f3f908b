"""The close of a month in the database: judged, moved and counted in one statement.

By hand: its common tables are the point. What they have in common with others stands in `judging` and `moving`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from services.customers.tiers.domain.standing import Figures, Move, Rules
from services.customers.tiers.store.judging import (
    BOTH_JUDGED,
    CLOSED,
    POLICY,
    RULE,
    RUNNING,
    counted_of,
    divisor_of,
    judged,
    rules_values,
    running_judged,
    tier_of,
    unpinned,
    window_sums,
)
from services.customers.tiers.store.moving import MOVE, WANTED, move_values
from shared.db import Connection
from shared.errors import Busy
from shared.statement import Statement, with_parts

MOST_PASSES = 20


@dataclass(frozen=True, slots=True)
class _Judged:
    """What one pass of a close wanted to move, what it moved, and the month's figures."""

    wanted: int
    changed: int
    shares: Mapping[str, tuple[int, str]] | None
    moves: dict[str, int] | None


_COUNTS = f"c.counts_from <= {CLOSED}"
_CLOSING_SUMS = with_parts(
    """sums AS (
    SELECT t.customer_id, sum({counted}) FILTER (WHERE t.month > {closed} - p.window_months) AS counted,
           sum({counted_before}) FILTER (WHERE t.month BETWEEN {closed} - b.window_months AND {closed} - 1)
               AS counted_before
    FROM policy p LEFT JOIN before_policy b ON true
    JOIN month_total t ON t.month BETWEEN {closed} - greatest(p.window_months - 1, b.window_months) AND {closed}
    GROUP BY t.customer_id
)""",
    counted=counted_of("p"),
    counted_before=counted_of("b"),
    closed=CLOSED,
)
"""The windows that end with the month and with the month before, in one pass over the totals."""
_BEFORE = with_parts(
    """, CASE WHEN b.version IS NOT NULL AND c.counts_from < {closed}
            THEN {tier} END AS before""",
    closed=CLOSED,
    tier=tier_of("s.counted_before", divisor_of("b", f"({CLOSED} - 1)"), "b"),
)
_CLOSE = Statement(
    """
WITH {policy},
{rule},
before_policy AS (SELECT * FROM tier_policy WHERE version = :before_policy),
{sums},
{running_sums},
{judged},
{running},
{both_judged},
target AS MATERIALIZED (
    SELECT * FROM both_judged b WHERE :moves AND b.tier <> b.standing AND {unpinned}
), {move},
counts AS (SELECT tier, count(*) AS customers FROM judged GROUP BY tier),
sales AS (
    SELECT j.tier, sum(t.amount) AS amount
    FROM judged j JOIN month_total t ON t.customer_id = j.id AND t.month = {closed} GROUP BY j.tier
),
shares AS (SELECT tier, customers, coalesce(amount, 0) AS amount FROM counts LEFT JOIN sales USING (tier)),
moves AS (SELECT before || '>' || tier AS move, count(*) AS customers FROM judged WHERE before <> tier GROUP BY 1)
SELECT {wanted},
       (SELECT jsonb_object_agg(tier, jsonb_build_array(customers, amount::numeric(18, 2)::text)) FROM shares)
           AS shares,
       (SELECT jsonb_object_agg(move, customers) FROM moves) AS moves
""",
    _Judged,
    policy=POLICY,
    rule=RULE,
    sums=_CLOSING_SUMS,
    running_sums=window_sums("running_sums", "rule", RUNNING),
    judged=judged(
        "judged", "policy", "sums", CLOSED, where=_COUNTS, more=_BEFORE, joined="LEFT JOIN before_policy b ON true"
    ),
    running=running_judged(_COUNTS),
    both_judged=BOTH_JUDGED,
    unpinned=unpinned("b"),
    move=MOVE,
    closed=CLOSED,
    wanted=WANTED,
)
_USE_MEMORY = Statement("SELECT set_config('work_mem', '64MB', true)")


async def use_memory(transaction: Connection) -> None:
    """Lets this transaction judge 100,000 customers without going to disk (about 15 MB a table)."""
    await _USE_MEMORY.execute(transaction)


async def close(transaction: Connection, rules: Rules, move: Move, before_policy: int | None, moves: bool) -> Figures:
    """Judges `rules.closed` and, when it `moves` the standing tiers, moves them to what the month earned.

    A customer that something else changed meanwhile is judged again.
    """
    values = {**move_values(move), **rules_values(rules), "before_policy": before_policy, "moves": moves}
    changed = 0
    for _ in range(MOST_PASSES):
        [found] = await _CLOSE.all(transaction, **values)
        changed += found.changed
        if found.wanted == found.changed:
            return _figures(found, changed)
    raise Busy("too much is changing at the moment; close the month again")


def _figures(found: _Judged, changed: int) -> Figures:
    sums = {tier: (customers, Decimal(amount)) for tier, (customers, amount) in (found.shares or {}).items()}
    return Figures(sums, found.moves or {}, changed)
