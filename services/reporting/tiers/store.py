"""Closed months in the database."""

from collections.abc import Sequence

from shared.contracts.customers import MonthClosed
from shared.db import Connection

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
