"""Moving standing tiers: lifted by the running month, or given back; one statement for one customer or for all.

By hand, as every statement that judges: its common tables are the point.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from asyncpg import Record

from services.customers.tiers.domain.standing import Earned, Move, Rules
from services.customers.tiers.store import judging, months
from services.customers.tiers.store.judging import rules_values, running_values
from services.customers.tiers.store.policies import version_on
from shared.bus.sql_events import SqlEvent
from shared.contracts.customers import Tier, TierChanged
from shared.db import Connection
from shared.months import Month
from shared.statement import Reader, Statement, with_parts
from shared.telemetry import current_traceparent

_CHANGED = SqlEvent(
    contract=TierChanged,
    fields={
        "customer_id": "id",
        "from_tier": "from_tier",
        "to_tier": "to_tier",
        "cause": ":cause::text",
        "total": "total",
        "policy_version": "policy_version",
        "at": ":at::timestamptz",
        "month": ":month_written::text",
    },
    key="id",
    aggregate_id="id",
    version="version",
    at=":at",
    historical=":historical",
)
MOVE = with_parts(
    """moved AS (
    UPDATE customer c SET tier = t.tier, version = c.version + 1
    FROM target t WHERE c.id = t.id AND c.version = t.version
    RETURNING c.id, c.version, t.standing AS from_tier, t.tier AS to_tier, t.total, t.policy_version
), kept AS (
    INSERT INTO tier_change (customer_id, version, from_tier, to_tier, at, cause, total, policy_version, month)
    SELECT id, version, from_tier, to_tier, :at, :cause::text, total, policy_version, :month::integer FROM moved
), told AS (
    {append}
)""",
    append=_CHANGED.append_from("moved"),
)
"""Moves whoever is in `target`; a row that changed meanwhile is left alone (its version differs)."""

_LIFT = """
WITH {rule},
{running_sums},
{running},
target AS MATERIALIZED (
    SELECT r.*, {total} AS total FROM running r WHERE r.tier < r.standing AND {unpinned}
), {move}
SELECT count(*) FROM moved
"""
_RESTORE = """
WITH {earned},
target AS MATERIALIZED (SELECT * FROM both_judged b WHERE b.tier <> b.standing AND {unpinned}), {move}
SELECT count(*) FROM moved
"""
_RAISE = """
WITH {earned},
target AS MATERIALIZED (
    SELECT b.id, b.version, b.standing, least(b.tier, :at_least::text) AS tier, b.total, b.policy_version
    FROM both_judged b WHERE least(b.tier, :at_least::text) < b.standing AND {unpinned}
), {move}
SELECT count(*) FROM moved
"""


def _lift(customers: str) -> Statement[Record]:
    """The running month lifts at once and never lowers (decision 9)."""
    return Statement(
        _LIFT,
        rule=judging.RULE,
        running_sums=judging.window_sums("running_sums", "rule", judging.RUNNING, customers),
        running=judging.running_judged(f"c.id = {customers}" if customers else "true"),
        total=judging.total_of("r"),
        unpinned=judging.unpinned("r"),
        move=MOVE,
    )


_SOME = "ANY(:customers::uuid[])"
_LIFT_SOME, _LIFT_ALL = _lift(_SOME), _lift("")
_RESTORE_SOME = Statement(_RESTORE, earned=judging.earned_tables(_SOME), unpinned=judging.unpinned("b"), move=MOVE)
_RAISE_ONE = Statement(
    _RAISE,
    earned=judging.earned_tables("ANY(ARRAY[:customer_id::uuid])"),
    unpinned=judging.unpinned("b"),
    move=MOVE,
)
_EARNED = Statement(
    "WITH {earned} SELECT id AS customer_id, standing, tier, total, policy_version FROM both_judged",
    Earned,
    earned=judging.earned_tables(_SOME),
)


async def rules_on(reader: Reader, today: date) -> Rules:
    """What judges a customer on a day: the latest closed window, and the running month."""
    in_force = await version_on(reader, today)
    latest = await months.latest_closed(reader)
    closed, policy = latest or (None, in_force)
    return Rules(closed, policy, Month(today.year, today.month), in_force)


async def lift(transaction: Connection, rules: Rules, move: Move, customers: Sequence[UUID] | None = None) -> None:
    """Lifts who earned more in the running month than stands; the given customers or all."""
    values = {**move_values(move), **running_values(rules)}
    if customers is None:
        await _LIFT_ALL.execute(transaction, **values)
    else:
        await _LIFT_SOME.execute(transaction, **values, customers=customers)


async def restore(transaction: Connection, rules: Rules, move: Move, customers: Sequence[UUID]) -> None:
    """Gives customers whose rows are locked the tier that their purchases earn."""
    await _RESTORE_SOME.execute(transaction, **move_values(move), **rules_values(rules), customers=customers)


async def raise_to(transaction: Connection, rules: Rules, move: Move, customer_id: UUID, at_least: Tier) -> None:
    """Gives a customer whose row is locked the tier that its purchases earn, or the given one, where that is higher."""
    values = {**move_values(move), **rules_values(rules)}
    await _RAISE_ONE.execute(transaction, **values, customer_id=customer_id, at_least=at_least)


async def earned(reader: Reader, rules: Rules, customer_id: UUID) -> Earned | None:
    """What one customer's purchases earn it now."""
    return await _EARNED.one(reader, **rules_values(rules), customers=[customer_id])


def move_values(move: Move) -> dict[str, object]:
    """What moves, as the values of every statement with MOVE in it."""
    return {
        "at": move.at,
        "cause": move.cause,
        "historical": move.historical,
        "traceparent": current_traceparent(),
        "month_written": move.month and str(move.month),
        "month": move.month and move.month.ordinal,
    }
