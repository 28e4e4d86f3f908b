"""Closed months in the database."""

from typing import Any

from services.customers.tiers.domain.months import Books, ClosedMonth
from shared.contracts.customers import TierShare
from shared.db import Connection, Database
from shared.months import Month

COLUMNS = "month, id, revision, stale, closed_at, policy_version, customers, changed, tiers, moves"
_CLOSED = f"SELECT {COLUMNS} FROM closed_month WHERE month = $1"  # noqa: S608  constant column list
_LATEST_CLOSED = "SELECT month, policy_version FROM closed_month ORDER BY month DESC LIMIT 1"
_FIRST_STALE = f"SELECT {COLUMNS} FROM closed_month WHERE stale ORDER BY month LIMIT 1"  # noqa: S608  constant column list
_BOOKS = """
SELECT (SELECT min(counts_from) FROM customer) AS first_counted, (SELECT min(month) FROM month_total) AS first_bought,
       (SELECT array_agg(month ORDER BY month) FROM closed_month) AS closed
"""
_KEEP_MONTH = f"""
INSERT INTO closed_month ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (month) DO UPDATE SET revision = EXCLUDED.revision, stale = EXCLUDED.stale, closed_at = EXCLUDED.closed_at,
    customers = EXCLUDED.customers, changed = EXCLUDED.changed, tiers = EXCLUDED.tiers, moves = EXCLUDED.moves
"""  # noqa: S608  constant column list
_FRESH = "UPDATE closed_month SET stale = false WHERE month = $1"
_STALE = "UPDATE closed_month SET stale = true WHERE month = $1"
_STALE_FROM = "UPDATE closed_month SET stale = true WHERE month >= $1 AND NOT stale"


async def books(reader: Connection | Database, running: Month) -> Books:
    row = await reader.fetchrow(_BOOKS)
    assert row is not None  # noqa: S101  a select without a table always has a row
    return Books(
        running,
        month_of(row["first_counted"]),
        month_of(row["first_bought"]),
        [Month.at(month) for month in row["closed"] or ()],
    )


async def closed_month(reader: Connection | Database, month: Month) -> ClosedMonth | None:
    row = await reader.fetchrow(_CLOSED, month.ordinal)
    return None if row is None else closed_of(row)


async def latest_closed(reader: Connection | Database) -> tuple[Month, int] | None:
    """The latest closed month, and the version of the policy that closed it."""
    row = await reader.fetchrow(_LATEST_CLOSED)
    return None if row is None else (Month.at(row["month"]), row["policy_version"])


async def first_stale(reader: Connection) -> ClosedMonth | None:
    row = await reader.fetchrow(_FIRST_STALE)
    return None if row is None else closed_of(row)


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


def month_of(ordinal: int | None) -> Month | None:
    return None if ordinal is None else Month.at(ordinal)


def closed_of(row: Any) -> ClosedMonth:
    """The month in a row of COLUMNS."""
    tiers = {tier: TierShare.model_validate(row["tiers"][tier]) for tier in sorted(row["tiers"])}
    return ClosedMonth(**{**row, "month": Month.at(row["month"]), "tiers": tiers})
