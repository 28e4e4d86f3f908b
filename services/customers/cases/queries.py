"""Reading the open cases of a customer."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.customers.cases.domain import SHOWN, OpenCase
from services.customers.cases.tables import CaseRow
from shared.statement import Reader, Statement, given, table

_SHOWN = [column for column in table(CaseRow).c if column.name != "customer_id"]
_OPEN = Statement(
    select(*_SHOWN)
    .where(col(CaseRow.customer_id) == given("customer_id"), col(CaseRow.state).in_(["open", "answered"]))
    .order_by(col(CaseRow.answer_due_at).nulls_last(), col(CaseRow.complaint_id))
    .limit(SHOWN),
    OpenCase,
)


async def open_cases(reader: Reader, customer_id: UUID) -> list[OpenCase]:
    """The customer's cases that are not solved, the earliest due first."""
    return await _OPEN.all(reader, customer_id=customer_id)
