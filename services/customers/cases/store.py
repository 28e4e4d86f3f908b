"""Keeping the cases of customers, and reading those of one who calls."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import case, func, null, select
from sqlmodel import col

from services.customers.cases.domain import SHOWN, OpenCase
from services.customers.cases.tables import CaseRow
from services.customers.heads.store.caller import CALLER, NOW
from shared.db import Connection
from shared.nested import Nested
from shared.statement import Statement, by_column, table, update_many, upsert_many

_KEY = ("complaint_id",)
_OF_THE_PAUSE = ("paused_until", "due_after_pause")
_LATER = (*_OF_THE_PAUSE, "unfounded")
_KEEP = Statement(upsert_many(CaseRow, *(each.name for each in table(CaseRow).c if each.name not in _LATER), key=_KEY))
STAND = Statement(update_many(CaseRow, "complaint_id", "state", key=_KEY))
"""Keeps how known cases stand; those of nobody's customer are not known."""
BE_DUE = Statement(update_many(CaseRow, "complaint_id", "state", "answer_due_at", key=_KEY))
"""Keeps until when the answer of known cases is due."""
PAUSE = Statement(update_many(CaseRow, "complaint_id", "answer_due_at", *_OF_THE_PAUSE, key=_KEY))
"""Keeps that clocks stand, until when at the longest, and when the answer is due then."""
JUDGE = Statement(update_many(CaseRow, "complaint_id", "unfounded", key=_KEY))
"""Keeps what was judged of known cases."""
RECALCULATE = Statement(update_many(CaseRow, "complaint_id", "answer_due_at", key=_KEY))

_DUE = func.coalesce(
    col(CaseRow.answer_due_at), case((col(CaseRow.paused_until) <= NOW, col(CaseRow.due_after_pause)), else_=null())
)
"""When an answer is or was due, null while paused: a pause is over at its longest end, told of or not."""
_AS_IT_IS = ("complaint_id", "number", "kind", "subject", "state", "recorded_at")
OPEN = Nested(
    select(*(table(CaseRow).c[name] for name in _AS_IT_IS), _DUE.label("answer_due_at"))
    .where(col(CaseRow.customer_id) == CALLER, col(CaseRow.state).in_(["open", "answered"]))
    .order_by(_DUE.nulls_last(), col(CaseRow.complaint_id))
    .limit(SHOWN),
    OpenCase,
)
"""The caller's cases that are not solved, as they stand now, the earliest due first."""


async def keep(transaction: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keeps cases from their opening."""
    await _KEEP.execute(transaction, **by_column(rows))
