"""Closed months in the database."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import not_, select, update
from sqlmodel import col

from services.customers.tiers.domain.months import Books, ClosedMonth
from services.customers.tiers.tables import ClosedMonthRow
from shared.contracts.customers import TierShare
from shared.db import Connection
from shared.months import Month
from shared.statement import Reader, Statement, by_column, given, table, upsert_many

MARK_STALE = """
    UPDATE closed_month SET stale = true
    WHERE month IN (
        SELECT k.month FROM closed_month k, span s, tier_policy p
        WHERE NOT k.stale AND p.version = k.policy_version AND k.month >= s.month
            AND (k.month <= s.month + p.window_months OR k.month <= s.counts_from
                 OR k.month <= s.first_purchase + p.window_months)
        ORDER BY k.month
        FOR UPDATE OF k
    )
"""
"""For statements that enter something new: the closed months that it touches, told by their `span`.

`span` has the month and the customer's counts_from and first_purchase before it. Touched are the windows that contain
the month, the month after (its moves), those that gain a customer, those whose average has another divisor (decisions
11, 12). They are locked in their order, so that no two statements wait in a circle.
"""


def _closed_month(month: int, tiers: Mapping[str, Any], **others: Any) -> ClosedMonth:
    shares = {tier: TierShare.model_validate(tiers[tier]) for tier in sorted(tiers)}
    return ClosedMonth(month=Month.at(month), tiers=shares, **others)


def month_of(ordinal: int | None) -> Month | None:
    return None if ordinal is None else Month.at(ordinal)


_COLUMNS = tuple(field.name for field in fields(ClosedMonth))
_MONTHS = select(*(table(ClosedMonthRow).c[name] for name in _COLUMNS)).order_by(col(ClosedMonthRow.month))
_CLOSED = Statement(_MONTHS.where(col(ClosedMonthRow.month) == given("month")), _closed_month)
_CLOSED_AFTER = Statement(_MONTHS.where(col(ClosedMonthRow.month) > given("month")).limit(given("most")), _closed_month)
_FIRST_STALE = Statement(_MONTHS.where(col(ClosedMonthRow.stale)).limit(1), _closed_month)
_LATEST = select(col(ClosedMonthRow.month), col(ClosedMonthRow.policy_version))
_LATEST_CLOSED = Statement(
    _LATEST.order_by(col(ClosedMonthRow.month).desc()).limit(1),
    lambda month, policy_version: (Month.at(month), policy_version),
)
_BOOKS = Statement(
    """
    SELECT (SELECT min(counts_from) FROM customer) AS first_counted,
           (SELECT min(month) FROM month_total) AS first_bought,
           (SELECT array_agg(month ORDER BY month) FROM closed_month) AS closed
    """
)
"""By hand: three tables at one look."""
_KEEP = Statement(upsert_many(ClosedMonthRow, *_COLUMNS, key=("month",)))
_SET = update(ClosedMonthRow)
_FRESH = Statement(_SET.values(stale=False).where(col(ClosedMonthRow.month) == given("month")))
_STALE = Statement(_SET.values(stale=True).where(col(ClosedMonthRow.month) == given("month")))
_STALE_FROM = Statement(
    _SET.values(stale=True).where(col(ClosedMonthRow.month) >= given("month"), not_(col(ClosedMonthRow.stale)))
)


async def books(reader: Reader, running: Month) -> Books:
    [row] = await _BOOKS.all(reader)
    closed = [Month.at(month) for month in row["closed"] or ()]
    return Books(running, month_of(row["first_counted"]), month_of(row["first_bought"]), closed)


async def closed_month(reader: Reader, month: Month) -> ClosedMonth | None:
    return await _CLOSED.one(reader, month=month.ordinal)


async def closed_after(reader: Reader, ordinal: int, most: int) -> list[ClosedMonth]:
    """Closed months after the one with that ordinal, oldest first."""
    return await _CLOSED_AFTER.all(reader, month=ordinal, most=most)


async def latest_closed(reader: Reader) -> tuple[Month, int] | None:
    """The latest closed month, and the version of the policy that closed it."""
    return await _LATEST_CLOSED.one(reader)


async def first_stale(reader: Reader) -> ClosedMonth | None:
    return await _FIRST_STALE.one(reader)


async def keep_month(transaction: Connection, closed: ClosedMonth) -> None:
    await _KEEP.execute(transaction, **by_column([_row(closed)]))


def _row(closed: ClosedMonth) -> dict[str, Any]:
    tiers = {tier: share.model_dump(mode="json") for tier, share in closed.tiers.items()}
    values = {name: getattr(closed, name) for name in _COLUMNS}
    return {**values, "month": closed.month.ordinal, "tiers": tiers}


async def mark_fresh(transaction: Connection, month: Month) -> None:
    await _FRESH.execute(transaction, month=month.ordinal)


async def mark_stale(transaction: Connection, month: Month) -> None:
    await _STALE.execute(transaction, month=month.ordinal)


async def mark_stale_from(transaction: Connection, month: Month) -> None:
    """For customers that count from a month which may be closed."""
    await _STALE_FROM.execute(transaction, month=month.ordinal)
