"""Reading the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.complaints.context import Context
from services.complaints.ledger.domain import Booking, ClosedLedgerMonth
from services.complaints.ledger.store import FIELDS
from services.complaints.ledger.tables import LedgerMonthRow
from shared.auth.visibility import subordinates
from shared.months import Month
from shared.statement import Statement, given

ABOVE_EVERY_MONTH = 2**31 - 1
ABOVE_EVERY_ID = UUID(int=2**128 - 1)

_LIST = """
    SELECT {columns} FROM booking
    WHERE id < :before AND month = coalesce(:month::integer, month)
        AND (:person_id::uuid IS NULL OR person_id = :person_id)
        AND (:department_id::uuid IS NULL OR person_department_id = :department_id)
        AND (:fund_id::uuid IS NULL OR department_id = :fund_id)
        AND (:basis_id::uuid IS NULL OR basis_id = :basis_id){seen}
    ORDER BY id DESC
    """
_COLUMNS = ", ".join(FIELDS)
_EVERY = Statement(_LIST, Booking, columns=_COLUMNS, seen="")
_OF_ONES_OWN = Statement(
    _LIST.replace("{seen}", " AND person_id IN ({people})"), Booking, columns=_COLUMNS, people=subordinates()
)
"""By hand: whom a viewer sees through is a part of SQL that every service shares."""


def _closed_month(month: int, **fields: Any) -> ClosedLedgerMonth:
    return ClosedLedgerMonth(Month.at(month), **fields)


_CLOSED = Statement(
    select(col(LedgerMonthRow.month), col(LedgerMonthRow.closed_at), col(LedgerMonthRow.closed_by))
    .where(col(LedgerMonthRow.month) < given("before"))
    .order_by(col(LedgerMonthRow.month).desc())
    .limit(given("most")),
    _closed_month,
)


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """Penalties that count in a later month, if at all."""

    proposed: int
    appealed: int
    decided: int


_LEFT_OPEN = Statement(
    """
    SELECT count(*) FILTER (WHERE state = 'proposed') AS proposed,
        count(*) FILTER (WHERE state = 'appealed') AS appealed,
        count(*) FILTER (WHERE state = 'decided') AS decided
    FROM penalty WHERE month <= :month AND state IN ('proposed', 'appealed', 'decided') AND booked_at IS NULL
    """,
    LeftOpen,
)
"""By hand: three counts of one look."""


async def left_open(context: Context, month: Month) -> LeftOpen:
    """How many penalties of rules broken until the end of a month stand `proposed`, `appealed`, and `decided` but not
    booked."""
    [found] = await _LEFT_OPEN.all(context.database, month=month.ordinal)
    return found


async def list_bookings(
    context: Context, filters: Mapping[str, Any], before: UUID | None, most: int, *, viewer: UUID | None
) -> list[Booking]:
    """Bookings, the latest first; a viewer sees those of themselves and their people.

    `filters` are month, person_id, department_id (of the person), fund_id (of whose fund) and basis_id, None for any.
    """
    month: Month | None = filters["month"]
    wanted = {**filters, "month": month.ordinal if month else None, "before": before or ABOVE_EVERY_ID}
    if viewer is None:
        return await _EVERY.limited(most).all(context.database, **wanted)
    return await _OF_ONES_OWN.limited(most).all(context.database, **wanted, viewer=viewer)


async def list_closed_months(context: Context, before: int | None, most: int) -> list[ClosedLedgerMonth]:
    """Closed months, the latest first; those before one, if it is given."""
    return await _CLOSED.all(context.database, before=ABOVE_EVERY_MONTH if before is None else before, most=most)
