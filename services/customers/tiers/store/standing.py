"""Moving standing tiers: lifted by the running month, given back, closed; one statement for one customer or for all.

Every moving statement takes $1 the moment, $2 the cause, $3 historical, $4 the trace, $5 the closed month as text and
$6 as ordinal (or null).
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.customers.context import Context
from services.customers.tiers.domain.standing import Earned, Figures, Move, Rules
from services.customers.tiers.store import months
from services.customers.tiers.store.judging import (
    BOTH_JUDGED,
    TOTAL,
    UNPINNED,
    counted_of,
    divisor_of,
    earned_tables,
    judged,
    policies,
    rules_arguments,
    running_judged,
    tier_of,
    window_sums,
)
from services.customers.tiers.store.policies import version_in_force
from shared.contracts.customers import TierChanged
from shared.db import Connection, Database
from shared.errors import Busy
from shared.telemetry import current_traceparent

MOST_PASSES = 20

_MOVE = f"""moved AS (
    UPDATE customer c SET tier = t.tier, version = c.version + 1
    FROM target t WHERE c.id = t.id AND c.version = t.version
    RETURNING c.id, c.version, t.standing AS from_tier, t.tier AS to_tier, t.total, t.policy_version
), kept AS (
    INSERT INTO tier_change (customer_id, version, from_tier, to_tier, at, cause, total, policy_version, month)
    SELECT id, version, from_tier, to_tier, $1, $2::varchar, total, policy_version, $6::integer FROM moved
), told AS (
    INSERT INTO event_log (event_id, topic, key, type, time, aggregate_id, aggregate_version, historical, traceparent,
                           data)
    SELECT uuidv7(), '{TierChanged.TOPIC}', id::varchar, '{TierChanged.TYPE}', $1, id, version, $3, $4,
           json_build_object('customer_id', id, 'from_tier', from_tier, 'to_tier', to_tier, 'cause', $2::varchar,
                             'total', total::varchar, 'policy_version', policy_version, 'at', $1::timestamptz,
                             'month', $5::varchar)
    FROM moved
)"""  # noqa: S608  constants of the contract
"""Moves whoever is in `target`; a row that changed meanwhile is left alone (its version differs)."""

_WANTED = "(SELECT count(*) FROM target) AS wanted, (SELECT count(*) FROM moved) AS changed"


def _lift(customers: str) -> str:
    """The running month lifts at once and never lowers (decision 9). $7 today's policy, $8 the running month."""
    chosen = f"c.id = {customers}" if customers else "true"
    return f"""
WITH rule AS (SELECT * FROM tier_policy WHERE version = $7 AND up_at_once),
{window_sums("running_sums", "rule", "$8::integer", customers)},
{running_judged("$8::integer", chosen)},
target AS MATERIALIZED (
    SELECT r.*, {TOTAL.format("r")} AS total FROM running r WHERE r.tier < r.standing AND {UNPINNED.format("r")}
), {_MOVE}
SELECT {_WANTED}
"""  # noqa: S608  parts of this file


_SOME = "ANY($11::uuid[])"
_RESTORE = f"""
WITH {earned_tables(_SOME, f"c.id = {_SOME}", 7)},
target AS MATERIALIZED (SELECT * FROM both_judged b WHERE b.tier <> b.standing AND {UNPINNED.format("b")}), {_MOVE}
SELECT {_WANTED}
"""  # noqa: S608  parts of this file

_EARNED = f"""
WITH {earned_tables("ANY($5::uuid[])", "c.id = ANY($5::uuid[])", 1)}
SELECT id AS customer_id, standing, tier, total, policy_version FROM both_judged
"""  # noqa: S608  parts of this file

_CLOSED, _RUNNING = "$8::integer", "$10::integer"
_COUNTS = f"c.counts_from <= {_CLOSED}"
_CLOSING_SUMS = f"""sums AS (
    SELECT t.customer_id, sum({counted_of("p")}) FILTER (WHERE t.month > {_CLOSED} - p.window_months) AS counted,
           sum({counted_of("b")}) FILTER (WHERE t.month BETWEEN {_CLOSED} - b.window_months AND {_CLOSED} - 1)
               AS counted_before
    FROM policy p LEFT JOIN before_policy b ON true
    JOIN month_total t ON t.month BETWEEN {_CLOSED} - greatest(p.window_months - 1, b.window_months) AND {_CLOSED}
    GROUP BY t.customer_id
)"""  # noqa: S608  parts of this file
"""The windows that end with the month and with the month before, in one pass over the totals."""
_BEFORE = f""", CASE WHEN b.version IS NOT NULL AND c.counts_from < {_CLOSED}
            THEN {tier_of("s.counted_before", divisor_of("b", f"({_CLOSED} - 1)"), "b")} END AS before"""

_CLOSE = f"""
WITH {policies(7)},
before_policy AS (SELECT * FROM tier_policy WHERE version = $11),
{_CLOSING_SUMS},
{window_sums("running_sums", "rule", _RUNNING)},
{judged("judged", "policy", "sums", _CLOSED, where=_COUNTS, more=_BEFORE, joined="LEFT JOIN before_policy b ON true")},
{running_judged(_RUNNING, _COUNTS)},
{BOTH_JUDGED},
target AS MATERIALIZED (
    SELECT * FROM both_judged b WHERE $12 AND b.tier <> b.standing AND {UNPINNED.format("b")}
), {_MOVE},
counts AS (SELECT tier, count(*) AS customers FROM judged GROUP BY tier),
sales AS (
    SELECT j.tier, sum(t.amount) AS amount
    FROM judged j JOIN month_total t ON t.customer_id = j.id AND t.month = {_CLOSED} GROUP BY j.tier
),
shares AS (SELECT tier, customers, coalesce(amount, 0) AS amount FROM counts LEFT JOIN sales USING (tier)),
moves AS (SELECT before || '>' || tier AS move, count(*) AS customers FROM judged WHERE before <> tier GROUP BY 1)
SELECT {_WANTED},
       (SELECT jsonb_object_agg(tier, jsonb_build_array(customers, amount::numeric(18, 2)::varchar)) FROM shares)
           AS shares,
       (SELECT jsonb_object_agg(move, customers) FROM moves) AS moves
"""  # noqa: S608  parts of this file

_LIFT_SOME, _LIFT_ALL = _lift("ANY($9::uuid[])"), _lift("")


async def rules_now(context: Context, reader: Connection | Database) -> Rules:
    """What judges a customer now: the latest closed window, and the running month."""
    in_force = await version_in_force(reader, context.today())
    latest = await months.latest_closed(reader)
    closed, policy = latest or (None, in_force)
    return Rules(closed, policy, context.running_month(), in_force)


async def use_memory(transaction: Connection) -> None:
    """Lets this transaction judge 100,000 customers without going to disk (about 15 MB a table)."""
    await transaction.execute("SELECT set_config('work_mem', '64MB', true)")


async def lift(transaction: Connection, rules: Rules, move: Move, customers: Sequence[UUID] | None = None) -> None:
    """Lifts who earned more in the running month than stands; the given customers or all."""
    arguments = (*_move_arguments(move), rules.running_policy, rules.running.ordinal)
    if customers is None:
        await transaction.execute(_LIFT_ALL, *arguments)
    else:
        await transaction.execute(_LIFT_SOME, *arguments, customers)


async def restore(transaction: Connection, rules: Rules, move: Move, customers: Sequence[UUID]) -> None:
    """Gives customers whose rows are locked the tier that their purchases earn."""
    await transaction.execute(_RESTORE, *_move_arguments(move), *rules_arguments(rules), customers)


async def earned(reader: Connection, rules: Rules, customer_id: UUID) -> Earned | None:
    """What one customer's purchases earn it now."""
    row = await reader.fetchrow(_EARNED, *rules_arguments(rules), [customer_id])
    return None if row is None else Earned(**row)


async def close(transaction: Connection, rules: Rules, move: Move, before_policy: int | None, moves: bool) -> Figures:
    """Judges `rules.closed` and, when it `moves` the standing tiers, moves them to what the month earned.

    A customer that something else changed meanwhile is judged again.
    """
    changed = 0
    for _ in range(MOST_PASSES):
        row = await transaction.fetchrow(_CLOSE, *_move_arguments(move), *rules_arguments(rules), before_policy, moves)
        assert row is not None  # noqa: S101  an aggregate always has a row
        changed += row["changed"]
        if row["wanted"] == row["changed"]:
            return _figures(row, changed)
    raise Busy("too much is changing at the moment; close the month again")


def _figures(row: Any, changed: int) -> Figures:
    sums = {tier: (customers, Decimal(amount)) for tier, (customers, amount) in (row["shares"] or {}).items()}
    return Figures(sums, row["moves"] or {}, changed)


def _move_arguments(move: Move) -> tuple[object, ...]:
    month = move.month
    return (
        move.at,
        move.cause,
        move.historical,
        current_traceparent(),
        None if month is None else str(month),
        None if month is None else month.ordinal,
    )
