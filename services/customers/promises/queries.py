"""Reading what a customer was promised."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.customers.promises.domain import SHOWN, Promise
from services.customers.promises.tables import PromiseRow
from shared.statement import Reader, Statement, given, table

_SHOWN = ("commitment_id", "complaint_id", "staff_id", "code", "due_at")
_OWED = Statement(
    select(*(table(PromiseRow).c[name] for name in _SHOWN))
    .where(col(PromiseRow.customer_id) == given("customer_id"), col(PromiseRow.owed))
    .order_by(col(PromiseRow.due_at), col(PromiseRow.commitment_id))
    .limit(SHOWN),
    Promise,
)


async def owed(reader: Reader, customer_id: UUID) -> list[Promise]:
    """What the customer was promised and nobody has done, the earliest due first."""
    return await _OWED.all(reader, customer_id=customer_id)
