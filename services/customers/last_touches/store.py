"""Keeping touches."""

from collections.abc import Sequence
from typing import Any

from services.customers.last_touches.tables import LastTouchRow
from shared.db import Connection
from shared.statement import Statement, by_column, table, upsert_many

_KEEP = Statement(upsert_many(LastTouchRow, *table(LastTouchRow).c.keys(), key=("task_id",)))


async def keep(transaction: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Keeps touches as they were told last; at least one."""
    await _KEEP.execute(transaction, **by_column(rows))
