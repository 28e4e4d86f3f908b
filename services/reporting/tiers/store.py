"""Closed months in the database."""

from collections.abc import Sequence
from decimal import Decimal

from services.reporting.tiers.domain import EXPECTED_SHARES, MonthOfTiers, TierOfMonth
from shared.contracts.customers import MonthClosed
from shared.db import Connection
from shared.months import Month

_KEEP = """
INSERT INTO closed_month AS m (month, revision, closed_at, tiers, moves)
SELECT * FROM unnest($1::text[], $2::integer[], $3::timestamptz[], $4::jsonb[], $5::jsonb[])
ON CONFLICT (month) DO UPDATE SET revision = EXCLUDED.revision, closed_at = EXCLUDED.closed_at,
    tiers = EXCLUDED.tiers, moves = EXCLUDED.moves
WHERE EXCLUDED.revision >= m.revision
"""


async def keep(transaction: Connection, months: Sequence[MonthClosed]) -> None:
    """Keeps closed months; an earlier revision never replaces a later one."""
    await transaction.execute(
        _KEEP,
        [fact.month for fact in months],
        [fact.revision for fact in months],
        [fact.closed_at for fact in months],
        [{tier: share.model_dump(mode="json") for tier, share in fact.tiers.items()} for fact in months],
        [fact.moves for fact in months],
    )


async def month_of(reader: Connection, month: Month) -> MonthOfTiers:
    """The month as closed, or empty."""
    row = await reader.fetchrow("SELECT revision, tiers, moves FROM closed_month WHERE month = $1", str(month))
    if row is None:
        return MonthOfTiers(str(month), None, {}, {})
    tiers = {
        tier: TierOfMonth(said["customers"], Decimal(said["amount"]), Decimal(said["share"]), EXPECTED_SHARES[tier])
        for tier, said in sorted(row["tiers"].items())
    }
    return MonthOfTiers(str(month), row["revision"], tiers, row["moves"])
