"""Policies, closed months, history and overrides in the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.customers.heads.store.visibility import sees
from services.customers.tiers.domain.months import Books, ClosedMonth, NewPolicy, Policy
from shared.contracts.customers import Tier, TierCause, TierShare
from shared.db import Connection, Database
from shared.months import Month

_POLICY = """version, id, threshold_a, threshold_b, threshold_c, factor_mid, factor_high, window_months, up_at_once,
starts_on, announced_on, applied"""
_LOCK_POLICIES = "LOCK TABLE tier_policy IN SHARE ROW EXCLUSIVE MODE"
_ADD_POLICY = f"""
INSERT INTO tier_policy ({_POLICY})
SELECT max(version) + 1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, false FROM tier_policy
RETURNING {_POLICY}
"""  # noqa: S608  constant column list
_BY_ID = f"SELECT {_POLICY} FROM tier_policy WHERE id = $1"  # noqa: S608  constant column list
_POLICIES = f"SELECT {_POLICY} FROM tier_policy WHERE version > $1 ORDER BY version LIMIT $2"  # noqa: S608  constant column list
_IN_FORCE = "SELECT version FROM tier_policy WHERE starts_on <= $1 ORDER BY version DESC LIMIT 1"
_FOR_MONTH = (
    "SELECT version FROM tier_policy WHERE starts_on <= greatest($1, announced_on) ORDER BY version DESC LIMIT 1"
)
_NEXT_START = "SELECT min(starts_on) FROM tier_policy WHERE NOT applied"
_APPLY = "UPDATE tier_policy SET applied = true WHERE NOT applied AND starts_on <= $1 RETURNING version"

_MONTH = "month, id, revision, stale, closed_at, policy_version, customers, changed, tiers, moves"
_CLOSED = f"SELECT {_MONTH} FROM closed_month WHERE month = $1"  # noqa: S608  constant column list
_CLOSED_MONTHS = f"SELECT {_MONTH} FROM closed_month WHERE month > $1 ORDER BY month LIMIT $2"  # noqa: S608  constant column list
_LATEST_CLOSED = "SELECT month, policy_version FROM closed_month ORDER BY month DESC LIMIT 1"
_FIRST_STALE = f"SELECT {_MONTH} FROM closed_month WHERE stale ORDER BY month LIMIT 1"  # noqa: S608  constant column list
_BOOKS = """
SELECT (SELECT min(counts_from) FROM customer) AS first_counted, (SELECT min(month) FROM month_total) AS first_bought,
       (SELECT array_agg(month ORDER BY month) FROM closed_month) AS closed
"""
_KEEP_MONTH = f"""
INSERT INTO closed_month ({_MONTH}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (month) DO UPDATE SET revision = EXCLUDED.revision, stale = EXCLUDED.stale, closed_at = EXCLUDED.closed_at,
    customers = EXCLUDED.customers, changed = EXCLUDED.changed, tiers = EXCLUDED.tiers, moves = EXCLUDED.moves
"""  # noqa: S608  constant column list
_FRESH = "UPDATE closed_month SET stale = false WHERE month = $1"
_STALE = "UPDATE closed_month SET stale = true WHERE month = $1"
_STALE_FROM = "UPDATE closed_month SET stale = true WHERE month >= $1 AND NOT stale"

_CHANGES = """
SELECT version, from_tier, to_tier, at, cause, total, policy_version, month FROM tier_change
WHERE customer_id = $1 AND version > $2 ORDER BY version LIMIT $3
"""

_OVERRIDE = "id, customer_id, tier, reason, until, set_by, set_at"
_STANDING_OVERRIDE = f"SELECT {_OVERRIDE} FROM tier_override WHERE customer_id = $1 AND ended_at IS NULL"  # noqa: S608  constant column list
_ADD_OVERRIDE = f"INSERT INTO tier_override ({_OVERRIDE}) VALUES ($1, $2, $3, $4, $5, $6, $7)"  # noqa: S608  constant column list
_END_OVERRIDES = "UPDATE tier_override SET ended_at = $2 WHERE customer_id = ANY($1::uuid[]) AND ended_at IS NULL"
_DUE_OVERRIDES = """
SELECT customer_id FROM tier_override WHERE ended_at IS NULL AND until <= $1 ORDER BY until LIMIT $2
"""
_NEXT_OVERRIDE_END = "SELECT min(until) FROM tier_override WHERE ended_at IS NULL"

_HEAD = f"SELECT c.version, c.tier FROM customer c WHERE c.id = $1 AND {sees('$2', 'c.id')}"  # noqa: S608  names of ours
_LOCKED_HEAD = f"{_HEAD} FOR NO KEY UPDATE OF c"
_SET_TIER = "UPDATE customer SET tier = $2, version = version + 1 WHERE id = $1"
_ADD_CHANGE = """
INSERT INTO tier_change (customer_id, version, from_tier, to_tier, at, cause, total, policy_version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""


@dataclass(frozen=True, slots=True)
class Head:
    """A customer's version and standing tier."""

    version: int
    tier: Tier


@dataclass(frozen=True, slots=True)
class TierChange:
    """A line of the tier history. `total` in CNY of mid-grade terms."""

    version: int
    from_tier: Tier
    to_tier: Tier
    at: datetime
    cause: TierCause
    total: Decimal
    policy_version: int
    month: Month | None


@dataclass(frozen=True, slots=True)
class Override:
    """A tier set by hand."""

    id: UUID
    customer_id: UUID
    tier: Tier
    reason: str
    until: datetime
    set_by: UUID
    set_at: datetime


async def add_policy(transaction: Connection, id_: UUID, new: NewPolicy, announced_on: date) -> Policy:
    await transaction.execute(_LOCK_POLICIES)
    row = await transaction.fetchrow(
        _ADD_POLICY,
        id_,
        new.threshold_a,
        new.threshold_b,
        new.threshold_c,
        new.factor_mid,
        new.factor_high,
        new.window_months,
        new.up_at_once,
        new.starts_on,
        announced_on,
    )
    assert row is not None  # noqa: S101  an aggregate always has a row
    return Policy(**row)


async def policy(reader: Database, id_: UUID) -> Policy | None:
    row = await reader.fetchrow(_BY_ID, id_)
    return None if row is None else Policy(**row)


async def policies(reader: Database, after: int, limit: int) -> list[Policy]:
    return [Policy(**row) for row in await reader.fetch(_POLICIES, after, limit)]


async def version_in_force(reader: Connection | Database, day: date) -> int:
    """The policy of a day; a later version supersedes an earlier one once it has started."""
    version: int = await reader.fetchval(_IN_FORCE, day)
    return version


async def version_for_month(reader: Connection, last_day: date) -> int:
    """The policy that judges a month at its first close.

    A policy announced for a later day judges months that end on that day or after. One that held from the day it was
    recorded, or from before, judges every month closed since: so a takeover is judged by the policy made for it.
    """
    version: int = await reader.fetchval(_FOR_MONTH, last_day)
    return version


async def next_start(reader: Database) -> date | None:
    day: date | None = await reader.fetchval(_NEXT_START)
    return day


async def apply_started(transaction: Connection, day: date) -> list[int]:
    """Marks policies that have started by `day`; returns their versions."""
    return [row["version"] for row in await transaction.fetch(_APPLY, day)]


async def books(reader: Connection | Database, running: Month) -> Books:
    row = await reader.fetchrow(_BOOKS)
    assert row is not None  # noqa: S101  a select without a table always has a row
    return Books(
        running,
        _month(row["first_counted"]),
        _month(row["first_bought"]),
        [Month.at(month) for month in row["closed"] or ()],
    )


async def closed_month(reader: Connection | Database, month: Month) -> ClosedMonth | None:
    row = await reader.fetchrow(_CLOSED, month.ordinal)
    return None if row is None else _closed(row)


async def closed_months(reader: Database, after: int, limit: int) -> list[ClosedMonth]:
    return [_closed(row) for row in await reader.fetch(_CLOSED_MONTHS, after, limit)]


async def latest_closed(reader: Connection | Database) -> tuple[Month, int] | None:
    """The latest closed month, and the version of the policy that closed it."""
    row = await reader.fetchrow(_LATEST_CLOSED)
    return None if row is None else (Month.at(row["month"]), row["policy_version"])


async def first_stale(reader: Connection) -> ClosedMonth | None:
    row = await reader.fetchrow(_FIRST_STALE)
    return None if row is None else _closed(row)


async def keep_month(transaction: Connection, closed: ClosedMonth) -> None:
    await transaction.execute(
        _KEEP_MONTH,
        closed.month.ordinal,
        closed.id,
        closed.revision,
        closed.stale,
        closed.closed_at,
        closed.policy_version,
        closed.customers,
        closed.changed,
        {tier: share.model_dump(mode="json") for tier, share in closed.tiers.items()},
        closed.moves,
    )


async def mark_fresh(transaction: Connection, month: Month) -> None:
    await transaction.execute(_FRESH, month.ordinal)


async def mark_stale(transaction: Connection, month: Month) -> None:
    await transaction.execute(_STALE, month.ordinal)


async def mark_stale_from(transaction: Connection, month: Month) -> None:
    """For customers that count from a month which may be closed."""
    await transaction.execute(_STALE_FROM, month.ordinal)


async def changes(reader: Database, customer_id: UUID, after: int, limit: int) -> list[TierChange]:
    """A customer's tier history after a version, oldest first."""
    rows = await reader.fetch(_CHANGES, customer_id, after, limit)
    return [TierChange(**{**row, "month": _month(row["month"])}) for row in rows]


async def head(reader: Database, customer_id: UUID, viewer: UUID | None) -> Head | None:
    """None also for a customer whom the viewer does not see."""
    row = await reader.fetchrow(_HEAD, customer_id, viewer)
    return None if row is None else Head(**row)


async def locked_head(transaction: Connection, customer_id: UUID, viewer: UUID | None) -> Head | None:
    row = await transaction.fetchrow(_LOCKED_HEAD, customer_id, viewer)
    return None if row is None else Head(**row)


async def set_tier(transaction: Connection, customer_id: UUID, tier: Tier) -> None:
    """Sets the standing tier of a locked customer and counts its version up, also when the tier stays."""
    await transaction.execute(_SET_TIER, customer_id, tier)


async def add_change(transaction: Connection, customer_id: UUID, change: TierChange) -> None:
    await transaction.execute(
        _ADD_CHANGE,
        customer_id,
        change.version,
        change.from_tier,
        change.to_tier,
        change.at,
        change.cause,
        change.total,
        change.policy_version,
    )


async def override(reader: Connection | Database, customer_id: UUID) -> Override | None:
    """The override that stands for a customer."""
    row = await reader.fetchrow(_STANDING_OVERRIDE, customer_id)
    return None if row is None else Override(**row)


async def add_override(transaction: Connection, new: Override) -> None:
    await transaction.execute(
        _ADD_OVERRIDE, new.id, new.customer_id, new.tier, new.reason, new.until, new.set_by, new.set_at
    )


async def end_overrides(transaction: Connection, customers: Sequence[UUID], at: datetime) -> None:
    await transaction.execute(_END_OVERRIDES, customers, at)


async def due_overrides(reader: Connection, now: datetime, limit: int) -> list[UUID]:
    """Customers whose override has run out."""
    return [row["customer_id"] for row in await reader.fetch(_DUE_OVERRIDES, now, limit)]


async def next_override_end(reader: Database) -> datetime | None:
    moment: datetime | None = await reader.fetchval(_NEXT_OVERRIDE_END)
    return moment


def _month(ordinal: int | None) -> Month | None:
    return None if ordinal is None else Month.at(ordinal)


def _closed(row: Any) -> ClosedMonth:
    tiers = {tier: TierShare.model_validate(row["tiers"][tier]) for tier in sorted(row["tiers"])}
    return ClosedMonth(**{**row, "month": Month.at(row["month"]), "tiers": tiers})
