"""The close of a month in the database: judged, moved and counted in one statement, by hand as all that judges."""

from decimal import Decimal

from asyncpg import Record

from services.customers.tiers.domain.standing import Figures, Move, Rules
from services.customers.tiers.store import judging
from services.customers.tiers.store.judging import CLOSED, RUNNING, counted_of
from services.customers.tiers.store.standing import MOVE, move_values
from shared.db import Connection
from shared.errors import Busy
from shared.statement import Statement, with_parts

MOST_PASSES = 20

_SUMS = """sums AS (
    SELECT t.customer_id, sum({counted}) FILTER (WHERE t.month > {closed} - p.window_months) AS counted,
           sum({counted_before}) FILTER (WHERE t.month BETWEEN {closed} - b.window_months AND {closed} - 1)
               AS counted_before
    FROM policy p LEFT JOIN before_policy b ON true
    JOIN month_total t ON t.month BETWEEN {closed} - greatest(p.window_months - 1, b.window_months) AND {closed}
    GROUP BY t.customer_id
)"""
"""The windows that end with the month and with the month before, in one pass over the totals."""
_COUNTS = f"c.counts_from <= {CLOSED}"
_TIER_BEFORE = judging.tier_of("s.counted_before", judging.divisor_of("b", f"({CLOSED} - 1)"), "b")
_BEFORE = f", CASE WHEN b.version IS NOT NULL AND c.counts_from < {CLOSED} THEN {_TIER_BEFORE} END AS before"
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
SELECT (SELECT count(*) FROM target) AS wanted, (SELECT count(*) FROM moved) AS changed,
       (SELECT jsonb_object_agg(tier, jsonb_build_array(customers, amount::numeric(18, 2)::text)) FROM shares)
           AS shares,
       (SELECT jsonb_object_agg(move, customers) FROM moves) AS moves
""",
    policy=judging.POLICY,
    rule=judging.RULE,
    sums=with_parts(_SUMS, counted=counted_of("p"), counted_before=counted_of("b"), closed=CLOSED),
    running_sums=judging.window_sums("running_sums", "rule", RUNNING),
    judged=judging.judged(
        "judged", "policy", "sums", CLOSED, where=_COUNTS, more=_BEFORE, joined="LEFT JOIN before_policy b ON true"
    ),
    running=judging.running_judged(_COUNTS),
    both_judged=judging.BOTH_JUDGED,
    unpinned=judging.unpinned("b"),
    move=MOVE,
    closed=CLOSED,
)
_USE_MEMORY = Statement("SELECT set_config('work_mem', '64MB', true)")


async def use_memory(transaction: Connection) -> None:
    """Lets this transaction judge 100,000 customers without going to disk (about 15 MB a table)."""
    await _USE_MEMORY.execute(transaction)


async def close(transaction: Connection, rules: Rules, move: Move, before_policy: int | None, moves: bool) -> Figures:
    """Judges `rules.closed` and, when it `moves` the standing tiers, moves them to what the month earned.

    A customer that something else changed meanwhile is judged again.
    """
    values = {**move_values(move), **judging.rules_values(rules), "before_policy": before_policy, "moves": moves}
    changed = 0
    for _ in range(MOST_PASSES):
        [row] = await _CLOSE.all(transaction, **values)
        changed += row["changed"]
        if row["wanted"] == row["changed"]:
            return _figures(row, changed)
    raise Busy("too much is changing at the moment; close the month again")


def _figures(row: Record, changed: int) -> Figures:
    sums = {tier: (customers, Decimal(amount)) for tier, (customers, amount) in (row["shares"] or {}).items()}
    return Figures(sums, row["moves"] or {}, changed)
