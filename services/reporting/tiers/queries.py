"""Months as closed."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from services.reporting.context import Context
from services.reporting.tiers.domain import EXPECTED_SHARES, MonthOfTiers, TierOfMonth
from services.reporting.tiers.tables import ClosedMonthRow
from shared.months import Month
from shared.statement import Statement, given


def _month(tiers: Mapping[str, Mapping[str, Any]], **row: Any) -> MonthOfTiers:
    return MonthOfTiers(tiers={tier: _tier(tier, **said) for tier, said in sorted(tiers.items())}, **row)


def _tier(tier: str, customers: int, amount: str, share: str) -> TierOfMonth:
    return TierOfMonth(customers, Decimal(amount), Decimal(share), EXPECTED_SHARES[tier])


_MONTH = Statement(
    select(
        col(ClosedMonthRow.month), col(ClosedMonthRow.revision), col(ClosedMonthRow.tiers), col(ClosedMonthRow.moves)
    ).where(col(ClosedMonthRow.month) == given("month")),
    _month,
)


async def month_of(context: Context, month: Month) -> MonthOfTiers:
    """The month's tiers and moves as closed, or empty."""
    found = await _MONTH.one(context.database, month=str(month))
    return found or MonthOfTiers(str(month), None, {}, {})
