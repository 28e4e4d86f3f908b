"""Which clocks are due."""

from datetime import datetime
from typing import Final

from services.complaints.cases.domain import Case
from services.complaints.cases.store.holding import CASE_COLUMNS, with_pauses
from shared.db import Connection

BATCH: Final = 500
"""Clocks that one transaction moves at most."""
_DUE = f"""
SELECT {CASE_COLUMNS} FROM complaint
WHERE next_alarm_at <= $1
ORDER BY next_alarm_at LIMIT {BATCH} FOR UPDATE SKIP LOCKED
"""  # noqa: S608  constant column list
_NEXT_DUE = "SELECT min(next_alarm_at) FROM complaint WHERE next_alarm_at IS NOT NULL"


async def lock_due(transaction: Connection, now: datetime) -> list[Case]:
    """The cases whose clock has something to do, oldest first, held; those that another worker holds are left to it."""
    rows = await transaction.fetch(_DUE, now)
    return await with_pauses(transaction, rows) if rows else []


async def next_due(reader: Connection) -> datetime | None:
    """The next moment at which some clock has something to do."""
    moment: datetime | None = await reader.fetchval(_NEXT_DUE)
    return moment
