"""Keeping touches, and reading the last ones of a customer who calls."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from services.customers.heads.store.caller import CALLER
from services.customers.last_touches.domain import SHOWN, LastTouch
from services.customers.last_touches.tables import LastTouchRow
from services.customers.organisation.tables import StaffRow
from shared.db import Connection
from shared.nested import Nested
from shared.statement import Statement, by_column, table, upsert_many

_KEEP = Statement(upsert_many(LastTouchRow, *table(LastTouchRow).c.keys(), key=("task_id",)))

_SHOWN = ("task_id", "kind", "role", "contact", "staff_id", "at", "minutes")
LAST = Nested(
    select(*(table(LastTouchRow).c[name] for name in _SHOWN), col(StaffRow.name).label("staff_name"))
    .outerjoin(StaffRow, col(StaffRow.id) == col(LastTouchRow.staff_id))
    .where(col(LastTouchRow.customer_id) == CALLER)
    .order_by(col(LastTouchRow.at).desc(), col(LastTouchRow.task_id).desc())
    .limit(SHOWN),
    LastTouch,
)
"""The touches that were made last, the newest first."""


async def keep(transaction: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Keeps touches as they were told last; at least one."""
    await _KEEP.execute(transaction, **by_column(rows))
