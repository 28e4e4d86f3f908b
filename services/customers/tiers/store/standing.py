"""Judging and moving tiers, set-based: one statement for one customer or for all of them (domain 2.4).

What a customer earns in a window is its sum over the window's months, each grade by its factor, against the
thresholds times the divisor: the smaller of the window and the months since the first purchase (decision 12). The
sums are compared exactly; the total that is shown is their average cut to cents, so that it never shows a threshold
that was not reached.

The statements are put together from parts of this file; values are always parameters. Every moving statement takes
$1 the moment, $2 the cause, $3 historical, $4 the trace, $5 the closed month as text and $6 as ordinal (or null).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.customers.heads.store.visibility import sees
from shared.contracts.customers import Tier, TierCause, TierChanged
from shared.db import Connection, Database
from shared.errors import Busy
from shared.months import Month
from shared.telemetry import current_traceparent

MOST_PASSES = 20
NO_MONTH = -1
"""A month in which nobody bought anything: stands for "no month is closed yet"."""


@dataclass(frozen=True, slots=True)
class Move:
    """Why and when tiers move; `month` is the closed month for the causes close and revision."""

    at: datetime
    cause: TierCause
    historical: bool
    month: Month | None = None

    @property
    def arguments(self) -> tuple[object, ...]:
        month = self.month
        return (
            self.at,
            self.cause,
            self.historical,
            current_traceparent(),
            None if month is None else str(month),
            None if month is None else month.ordinal,
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """What judges: the latest closed window by the policy it was closed with, the running month by today's."""

    closed: Month | None
    closed_policy: int
    running: Month
    running_policy: int

    @property
    def arguments(self) -> tuple[object, ...]:
        return (
            self.closed_policy,
            NO_MONTH if self.closed is None else self.closed.ordinal,
            self.running_policy,
            self.running.ordinal,
        )


@dataclass(frozen=True, slots=True)
class Earned:
    """What a customer's purchases earn it now, whatever stands."""

    customer_id: UUID
    standing: Tier
    tier: Tier
    total: Decimal
    policy_version: int


@dataclass(frozen=True, slots=True)
class Figures:
    """A closed month: per tier customers and net sales in CNY, and who moved since the month before."""

    sums: dict[str, tuple[int, Decimal]]
    moves: dict[str, int]
    changed: int
    """Standing tiers moved."""


def _counted(policy: str) -> str:
    """What a purchase counts, in mid-grade terms."""
    return f"t.amount * CASE t.grade WHEN 'high' THEN {policy}.factor_high ELSE {policy}.factor_mid END"


def _sums(name: str, policy: str, month: str, customers: str = "") -> str:
    """What each customer bought in the window that ends with `month`."""
    return f"""{name} AS (
    SELECT t.customer_id, sum({_counted("p")}) AS counted, sum(t.amount) FILTER (WHERE t.month = {month}) AS bought
    FROM {policy} p JOIN month_total t ON t.month BETWEEN {month} - p.window_months + 1 AND {month}
    {customers and f"AND t.customer_id = {customers}"}
    GROUP BY t.customer_id
)"""  # noqa: S608  parts of this file


def _divisor(policy: str, month: str) -> str:
    return f"greatest(1, least({policy}.window_months, {month} - c.first_purchase + 1))"


def _tier(counted: str, divisor: str, policy: str) -> str:
    return f"""CASE WHEN {counted} >= {policy}.threshold_a * {divisor} THEN 'A'
            WHEN {counted} >= {policy}.threshold_b * {divisor} THEN 'B'
            WHEN {counted} >= {policy}.threshold_c * {divisor} THEN 'C' ELSE 'D' END"""


def _judged(name: str, policy: str, sums: str, month: str, *, where: str, more: str = "", joined: str = "") -> str:
    """What each customer earned in that window; `more` are further columns, for which something is `joined`."""
    return f"""{name} AS MATERIALIZED (
    SELECT c.id, c.version, c.tier AS standing, {_tier("s.counted", "d.divisor", "p")} AS tier,
           s.counted, d.divisor, p.version AS policy_version {more}
    FROM {policy} p CROSS JOIN customer c LEFT JOIN {sums} s ON s.customer_id = c.id
    CROSS JOIN LATERAL (SELECT {_divisor("p", month)} AS divisor) d
    {joined}
    WHERE {where}
)"""  # noqa: S608  parts of this file


def _running(month: str, where: str) -> str:
    """What they earned in the window of the running month: only who bought in that month is lifted by it."""
    return _judged("running", "rule", "running_sums", month, where=f"{where} AND s.bought IS NOT NULL")


_UNPINNED = "NOT EXISTS (SELECT FROM tier_override o WHERE o.customer_id = {}.id AND o.ended_at IS NULL)"

_TOTAL = "trunc(coalesce({0}.counted, 0) / {0}.divisor, 2)::numeric(16, 2)"

_BOTH = f"""both_judged AS (
    SELECT j.id, j.version, j.standing, least(j.tier, r.tier) AS tier,
           CASE WHEN r.tier < j.tier THEN {_TOTAL.format("r")} ELSE {_TOTAL.format("j")} END AS total,
           CASE WHEN r.tier < j.tier THEN r.policy_version ELSE j.policy_version END AS policy_version
    FROM judged j LEFT JOIN running r ON r.id = j.id
)"""  # noqa: S608  parts of this file
"""The closed window earned it, or the running month lifts above that."""

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
{_sums("running_sums", "rule", "$8::integer", customers)},
{_running("$8::integer", chosen)},
target AS MATERIALIZED (
    SELECT r.*, {_TOTAL.format("r")} AS total FROM running r WHERE r.tier < r.standing AND {_UNPINNED.format("r")}
), {_MOVE}
SELECT {_WANTED}
"""  # noqa: S608  parts of this file


def _earned(customers: str, where: str, policy: int) -> str:
    """The common tables up to `both_judged`; rules in four parameters from ${policy} on (see Rules.arguments)."""
    closed, running = f"${policy + 1}::integer", f"${policy + 3}::integer"
    return f"""{_policies(policy)},
{_sums("sums", "policy", closed, customers)},
{_sums("running_sums", "rule", running, customers)},
{_judged("judged", "policy", "sums", closed, where=where)},
{_running(running, where)},
{_BOTH}"""


def _policies(first: int) -> str:
    return f"""policy AS (SELECT * FROM tier_policy WHERE version = ${first}),
rule AS (SELECT * FROM tier_policy WHERE version = ${first + 2} AND up_at_once)"""  # noqa: S608  numbers of parameters


_SOME = "ANY($11::uuid[])"
_RESTORE = f"""
WITH {_earned(_SOME, f"c.id = {_SOME}", 7)},
target AS MATERIALIZED (SELECT * FROM both_judged b WHERE b.tier <> b.standing AND {_UNPINNED.format("b")}), {_MOVE}
SELECT {_WANTED}
"""  # noqa: S608  parts of this file

_EARNED = f"""
WITH {_earned("ANY($5::uuid[])", "c.id = ANY($5::uuid[])", 1)}
SELECT id AS customer_id, standing, tier, total, policy_version FROM both_judged
"""  # noqa: S608  parts of this file

_PREVIEW_FROM = f"""
WITH {_earned("", "true", 1)},
moving AS MATERIALIZED (SELECT * FROM both_judged b WHERE b.tier <> b.standing AND {_UNPINNED.format("b")})
"""  # noqa: S608  parts of this file
_PREVIEW_COUNTS = f"""{_PREVIEW_FROM}
SELECT standing, tier, count(*) AS customers FROM moving GROUP BY standing, tier
"""  # noqa: S608  parts of this file
_PREVIEW_LIST = f"""{_PREVIEW_FROM}
SELECT id AS customer_id, standing, tier, total, policy_version FROM moving m
WHERE ($5::uuid IS NULL OR id > $5) AND {sees("$7", "m.id")} ORDER BY id LIMIT $6
"""  # noqa: S608  parts of this file

_CLOSED, _RUNNING = "$8::integer", "$10::integer"
_COUNTS = f"c.counts_from <= {_CLOSED}"
_CLOSING_SUMS = f"""sums AS (
    SELECT t.customer_id, sum({_counted("p")}) FILTER (WHERE t.month > {_CLOSED} - p.window_months) AS counted,
           sum({_counted("b")}) FILTER (WHERE t.month BETWEEN {_CLOSED} - b.window_months AND {_CLOSED} - 1)
               AS counted_before
    FROM policy p LEFT JOIN before_policy b ON true
    JOIN month_total t ON t.month BETWEEN {_CLOSED} - greatest(p.window_months - 1, b.window_months) AND {_CLOSED}
    GROUP BY t.customer_id
)"""  # noqa: S608  parts of this file
"""The windows that end with the month and with the month before, in one pass over the totals."""
_BEFORE = f""", CASE WHEN b.version IS NOT NULL AND c.counts_from < {_CLOSED}
            THEN {_tier("s.counted_before", _divisor("b", f"({_CLOSED} - 1)"), "b")} END AS before"""

_CLOSE = f"""
WITH {_policies(7)},
before_policy AS (SELECT * FROM tier_policy WHERE version = $11),
{_CLOSING_SUMS},
{_sums("running_sums", "rule", _RUNNING)},
{_judged("judged", "policy", "sums", _CLOSED, where=_COUNTS, more=_BEFORE, joined="LEFT JOIN before_policy b ON true")},
{_running(_RUNNING, _COUNTS)},
{_BOTH},
target AS MATERIALIZED (
    SELECT * FROM both_judged b WHERE $12 AND b.tier <> b.standing AND {_UNPINNED.format("b")}
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


async def use_memory(transaction: Connection) -> None:
    """Lets this transaction judge 100,000 customers without going to disk (about 15 MB a table)."""
    await transaction.execute("SELECT set_config('work_mem', '64MB', true)")


async def lift(
    transaction: Connection, rules: Rules, move: Move, customers: Sequence[UUID] | None = None
) -> tuple[int, int]:
    """Lifts who earned more in the running month than stands; the given customers or all. (wanted, changed)."""
    arguments = (*move.arguments, rules.running_policy, rules.running.ordinal)
    if customers is None:
        row = await transaction.fetchrow(_LIFT_ALL, *arguments)
    else:
        row = await transaction.fetchrow(_LIFT_SOME, *arguments, customers)
    assert row is not None  # noqa: S101  an aggregate always has a row
    return row["wanted"], row["changed"]


async def restore(transaction: Connection, rules: Rules, move: Move, customers: Sequence[UUID]) -> None:
    """Gives customers whose rows are locked the tier that their purchases earn."""
    await transaction.execute(_RESTORE, *move.arguments, *rules.arguments, customers)


async def earned(reader: Connection, rules: Rules, customer_id: UUID) -> Earned | None:
    """What one customer's purchases earn it now."""
    row = await reader.fetchrow(_EARNED, *rules.arguments, [customer_id])
    return None if row is None else Earned(**row)


async def close(transaction: Connection, rules: Rules, move: Move, before_policy: int | None, moves: bool) -> Figures:
    """Judges `rules.closed` and, when it `moves` the standing tiers, moves them to what the month earned.

    A customer that something else changed meanwhile is judged again.
    """
    changed = 0
    for _ in range(MOST_PASSES):
        row = await transaction.fetchrow(_CLOSE, *move.arguments, *rules.arguments, before_policy, moves)
        assert row is not None  # noqa: S101  an aggregate always has a row
        changed += row["changed"]
        if row["wanted"] == row["changed"]:
            return _figures(row, changed)
    raise Busy("too much is changing at the moment; close the month again")


def _figures(row: Any, changed: int) -> Figures:
    sums = {tier: (customers, Decimal(amount)) for tier, (customers, amount) in (row["shares"] or {}).items()}
    return Figures(sums, row["moves"] or {}, changed)


async def preview_counts(reader: Database, rules: Rules) -> dict[str, int]:
    """ "B>C" -> customers that would move if `rules` held now."""
    rows = await reader.fetch(_PREVIEW_COUNTS, *rules.arguments)
    return {f"{row['standing']}>{row['tier']}": row["customers"] for row in rows}


async def preview(reader: Database, rules: Rules, after: UUID | None, limit: int, viewer: UUID | None) -> list[Earned]:
    """Who would move, by customer id, among those whom the viewer sees."""
    return [Earned(**row) for row in await reader.fetch(_PREVIEW_LIST, *rules.arguments, after, limit, viewer)]
