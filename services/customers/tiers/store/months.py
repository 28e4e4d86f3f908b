"""Closed months in the database."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlmodel import col

from services.customers.tiers.domain.months import Books, ClosedMonth
from services.customers.tiers.tables import ClosedMonthRow
from shared.contracts.customers import TierShare
from shared.db import Connection
from shared.months import Month
from shared.statement import Reader, Statement, by_column, given, table, upsert_many, with_parts

_TOUCHED = """(
        SELECT k.month FROM closed_month k, span s, tier_policy p
        WHERE {which} AND p.version = k.policy_version AND k.month >= s.month
            AND (k.month <= s.month + p.window_months OR k.month <= s.counts_from
                 OR k.month <= s.first_purchase + p.window_months)
        ORDER BY k.month
        FOR UPDATE OF k {unless_held}
    )"""
MARK_STALE = with_parts(
    """
    UPDATE closed_month SET stale = true, stale_at = greatest(stale_at, :at::timestamptz)
    WHERE month IN {fresh} OR month IN {waiting}
""",
    fresh=with_parts(_TOUCHED, which="NOT k.stale", unless_held=""),
    waiting=with_parts(_TOUCHED, which="k.stale", unless_held="SKIP LOCKED"),
)
"""For statements that enter something new at a moment: the closed months that it touches, told by their `span`.

`span` has the month and the customer's counts_from and first_purchase before it. Touched are the windows that contain
the month, the month after (its moves), those that gain a customer, those whose average has another divisor (decisions
11, 12). They are locked in their order, so that no two statements wait in a circle. Nobody waits to say once more that
a month is stale: who holds it says so at the same time.
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
_LEFT_ALONE = Statement(
    _MONTHS.where(
        col(ClosedMonthRow.stale),
        func.coalesce(col(ClosedMonthRow.stale_at), col(ClosedMonthRow.closed_at)) <= given("since"),
    ).limit(1),
    _closed_month,
)
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
_FRESH = Statement(_SET.values(stale=False, stale_at=None).where(col(ClosedMonthRow.month) == given("month")))
_STALE = _SET.values(stale=True, stale_at=given("at"))
_MARK = Statement(_STALE.where(col(ClosedMonthRow.month) == given("month")))
_MARK_FROM = Statement(_STALE.where(col(ClosedMonthRow.month) >= given("month")))


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


async def first_left_alone(reader: Reader, since: datetime) -> ClosedMonth | None:
    """The earliest stale month into which nothing has come since then."""
    return await _LEFT_ALONE.one(reader, since=since)


async def keep_month(transaction: Connection, closed: ClosedMonth) -> None:
    await _KEEP.execute(transaction, **by_column([_row(closed)]))


def _row(closed: ClosedMonth) -> dict[str, Any]:
    tiers = {tier: share.model_dump(mode="json") for tier, share in closed.tiers.items()}
    values = {name: getattr(closed, name) for name in _COLUMNS}
    return {**values, "month": closed.month.ordinal, "tiers": tiers}


async def mark_fresh(transaction: Connection, month: Month) -> None:
    await _FRESH.execute(transaction, month=month.ordinal)


async def mark_stale(transaction: Connection, month: Month, at: datetime) -> None:
    await _MARK.execute(transaction, month=month.ordinal, at=at)


async def mark_stale_from(transaction: Connection, month: Month, at: datetime) -> None:
    """For customers that count from a month which may be closed."""
    await _MARK_FROM.execute(transaction, month=month.ordinal, at=at)
