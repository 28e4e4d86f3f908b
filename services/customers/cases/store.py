"""Keeping the cases of customers."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.customers.cases.tables import CaseRow
from shared.db import Connection
from shared.statement import Statement, by_column, table, update_many, upsert_many

_KEY = ("complaint_id",)
_OF_THE_PAUSE = ("paused_until", "due_after_pause")
_KEEP = Statement(
    upsert_many(CaseRow, *(each.name for each in table(CaseRow).c if each.name not in _OF_THE_PAUSE), key=_KEY)
)
STAND = Statement(update_many(CaseRow, "complaint_id", "state", key=_KEY))
"""Keeps how known cases stand; those of nobody's customer are not known."""
BE_DUE = Statement(update_many(CaseRow, "complaint_id", "state", "answer_due_at", key=_KEY))
"""Keeps until when the answer of known cases is due."""
PAUSE = Statement(update_many(CaseRow, "complaint_id", "answer_due_at", *_OF_THE_PAUSE, key=_KEY))
"""Keeps that clocks stand, until when at the longest, and when the answer is due then."""
RECALCULATE = Statement(update_many(CaseRow, "complaint_id", "answer_due_at", key=_KEY))


async def keep(transaction: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keeps cases from their opening."""
    await _KEEP.execute(transaction, **by_column(rows))
