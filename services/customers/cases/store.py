"""Keeping the cases of customers."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.customers.cases.tables import CaseRow
from shared.db import Connection
from shared.statement import Statement, by_column, table, update_many, upsert_many

_KEY = ("complaint_id",)
_KEEP = Statement(upsert_many(CaseRow, *table(CaseRow).c.keys(), key=_KEY))
STAND = Statement(update_many(CaseRow, "complaint_id", "state", key=_KEY))
"""Keeps how known cases stand; those of nobody's customer are not known."""
BE_DUE = Statement(update_many(CaseRow, "complaint_id", "state", "answer_due_at", key=_KEY))
"""Keeps until when the answer of known cases is due."""


async def keep(transaction: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keeps cases from their opening."""
    await _KEEP.execute(transaction, **by_column(rows))
