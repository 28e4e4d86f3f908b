"""Reading the open cases of a customer."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, null, select
from sqlmodel import col

from services.customers.cases.domain import SHOWN, OpenCase
from services.customers.cases.tables import CaseRow
from shared.statement import Reader, Statement, given, table

_DUE = func.coalesce(
    col(CaseRow.answer_due_at),
    case((col(CaseRow.paused_until) <= given("now"), col(CaseRow.due_after_pause)), else_=null()),
)
"""When an answer is or was due, null while paused: a pause is over at its longest end, told of or not."""
_AS_IT_IS = ("complaint_id", "number", "kind", "subject", "state", "recorded_at")
_OPEN = Statement(
    select(*(table(CaseRow).c[name] for name in _AS_IT_IS), _DUE.label("answer_due_at"))
    .where(col(CaseRow.customer_id) == given("customer_id"), col(CaseRow.state).in_(["open", "answered"]))
    .order_by(_DUE.nulls_last(), col(CaseRow.complaint_id))
    .limit(SHOWN),
    OpenCase,
)


async def open_cases(reader: Reader, customer_id: UUID, now: datetime) -> list[OpenCase]:
    """The customer's cases that are not solved, as they stand `now`, the earliest due first."""
    return await _OPEN.all(reader, customer_id=customer_id, now=now)
