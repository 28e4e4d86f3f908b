"""Telling counters of what no event of ours tells."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from shared.db import Connection
from shared.statement import Statement

KEPT: Final = timedelta(minutes=10)
"""Counters that have not looked for so long read all open cases anew."""
_TELL = Statement(
    """
    INSERT INTO tier_move (moved_in, complaint_id, moved_at)
    SELECT pg_current_xact_id()::text::bigint, id, :now FROM unnest(:ids::uuid[]) AS t(id)
    ON CONFLICT DO NOTHING
    """
)
"""By hand: the transaction's own number, by which readers see what they may not have seen before."""
_FORGET = Statement(
    """
    DELETE FROM tier_move WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM tier_move WHERE moved_at < :before
        LIMIT 2000 FOR UPDATE SKIP LOCKED
    ))
    """
)


async def tell_of_tiers(transaction: Connection, ids: Sequence[UUID], now: datetime) -> None:
    """Tells that these open cases have got another tier; forgets what everybody has counted."""
    if ids:
        await _FORGET.execute(transaction, before=now - KEPT)
        await _TELL.execute(transaction, ids=ids, now=now)
