"""A call comes in: who it is, in one request (domain 2.8)."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.customers.archive import queries as archive
from services.customers.cases.queries import open_cases
from services.customers.context import Context
from services.customers.last_touches.queries import last_touches
from services.customers.organisation.tables import StaffRow
from services.customers.promises.queries import owed
from services.customers.purchases import queries as purchases
from services.customers.screenpop.domain import CallerNotFound, Colleague, ScreenPop
from services.customers.teams.tables import SeatRow
from shared.statement import Statement, given

LAST_PURCHASES = 5

_COLLEAGUES = Statement(
    select(col(SeatRow.role), col(StaffRow.id), col(StaffRow.name))
    .join(StaffRow, col(StaffRow.id) == col(SeatRow.staff_id))
    .where(col(SeatRow.customer_id) == given("customer_id"))
    .order_by(col(SeatRow.role))
)


async def screen_pop(context: Context, phone: str, *, viewer: UUID | None) -> ScreenPop:
    """What to know of the caller; of several with one number the highest tier comes first.

    Raises CallerNotFound, also for customers whom the viewer does not see.
    """
    found = await archive.by_phone(context, phone, viewer=viewer)
    if not found:
        raise CallerNotFound("no customer has this phone number")
    caller, *others = found
    return ScreenPop(
        caller,
        await colleagues(context, caller.id),
        await purchases.newest_first(context, caller.id, None, LAST_PURCHASES, viewer=viewer),
        others,
        await open_cases(context.database, caller.id, context.clock.now()),
        await owed(context.database, caller.id),
        await last_touches(context.database, caller.id),
    )


async def colleagues(context: Context, customer_id: UUID) -> dict[str, Colleague]:
    """Role in the customer's team -> who sits there."""
    seats = await _COLLEAGUES.all(context.database, customer_id=customer_id)
    return {seat["role"]: Colleague(seat["id"], seat["name"]) for seat in seats}
