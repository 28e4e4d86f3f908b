"""Reading when somebody last spoke with a customer."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.customers.last_touches.domain import SHOWN, LastTouch
from services.customers.last_touches.tables import LastTouchRow
from shared.statement import Reader, Statement, given, table

_SHOWN = ("task_id", "kind", "role", "contact", "staff_id", "at", "minutes")
_LAST = Statement(
    select(*(table(LastTouchRow).c[name] for name in _SHOWN))
    .where(col(LastTouchRow.customer_id) == given("customer_id"))
    .order_by(col(LastTouchRow.at).desc(), col(LastTouchRow.task_id).desc())
    .limit(SHOWN),
    LastTouch,
)


async def last_touches(reader: Reader, customer_id: UUID) -> list[LastTouch]:
    """The touches that were made last, the newest first."""
    return await _LAST.all(reader, customer_id=customer_id)
