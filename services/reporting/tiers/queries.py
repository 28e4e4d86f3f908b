"""Months as closed."""

from decimal import Decimal

from services.reporting.context import Context
from services.reporting.tiers.domain import EXPECTED_SHARES, MonthOfTiers, TierOfMonth
from shared.months import Month

_MONTH = "SELECT revision, tiers, moves FROM closed_month WHERE month = $1"


async def month_of(context: Context, month: Month) -> MonthOfTiers:
    """The month's tiers and moves as closed, or empty."""
    row = await context.database.fetchrow(_MONTH, str(month))
    if row is None:
        return MonthOfTiers(str(month), None, {}, {})
    tiers = {
        tier: TierOfMonth(said["customers"], Decimal(said["amount"]), Decimal(said["share"]), EXPECTED_SHARES[tier])
        for tier, said in sorted(row["tiers"].items())
    }
    return MonthOfTiers(str(month), row["revision"], tiers, row["moves"])
