"""Routes of the ledger: its bookings, and closing its months."""

from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Annotated, Final
from uuid import UUID

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.context import Context
from services.complaints.ledger import handlers, queries
from services.complaints.ledger.domain import (
    BasisType,
    Booking,
    ClosedLedgerMonth,
    LedgerMonthEmpty,
    LedgerMonthNotOver,
    LedgerMonthSkipped,
)
from shared.contracts.responsibility import BookingAccount, BookingKind
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.paging import BY_ID, Order, Page, Paging
from shared.http.routing import Caller, router
from shared.money import Money
from shared.months import MONTH_PATTERN, Month

routes = router("/complaints/v1", "ledger")

SEE_EVERY_BOOKING: Final = ("cs_manager", "general_manager", "admin_dept")
"""All others see what they and their people pay and are paid."""
LATEST_FIRST: Order[ClosedLedgerMonth, int] = Order(lambda closed: (closed.month.ordinal,), int)
MonthWritten = Annotated[str, Path(pattern=MONTH_PATTERN, examples=["2026-11"], description="the month, YYYY-MM")]


class BookingBasisOut(BaseModel):
    """What a booking rests on."""

    type: BasisType = Field(description="what kind of thing it is")
    id: UUID = Field(description="its id")


class BookingOut(BaseModel):
    """A line of the ledger, never changed; a mistake is taken back by another one."""

    id: UUID = Field(description="the id of the booking (UUIDv7)")
    kind: BookingKind = Field(description="for what it is")
    account: BookingAccount = Field(description="whose money it is")
    fund_department_id: UUID | None = Field(description="whose fund; null for the company's account")
    person_id: UUID | None = Field(description="who pays or is paid; null for what leaves a fund for all")
    department_id: UUID | None = Field(description="the person's department at that time")
    supervisor_id: UUID | None = Field(description="who supervised the person at that time")
    amount: Money = Field(description="CNY: positive, what a person pays; negative, what goes to them or out of a fund")
    month: Month = Field(description="the month in which it counts, YYYY-MM")
    booked_at: datetime = Field(description="when it was booked")
    basis: BookingBasisOut = Field(description="what it rests on")
    reverses: UUID | None = Field(description="the booking that it takes back; null for most")

    @classmethod
    def of(cls, booking: Booking) -> "BookingOut":
        return cls(
            id=booking.id,
            kind=booking.kind,
            account=booking.account,
            fund_department_id=booking.department_id,
            person_id=booking.person_id,
            department_id=booking.person_department_id,
            supervisor_id=booking.supervisor_id,
            amount=booking.amount,
            month=Month.at(booking.month),
            booked_at=booking.booked_at,
            basis=BookingBasisOut(type=booking.basis_type, id=booking.basis_id),
            reverses=booking.reverses,
        )


class LedgerMonthOut(BaseModel):
    """A closed month of the ledger."""

    model_config = ConfigDict(from_attributes=True)

    month: Month = Field(description="the month, YYYY-MM")
    closed_at: datetime = Field(description="when it was closed")
    closed_by: UUID = Field(description="the staff member who closed it")


class LedgerMonthClosedOut(LedgerMonthOut):
    """A closed month, and how many penalties of rules broken until its end will count in a later one, if at all."""

    proposed: int = Field(description="nobody has decided them")
    appealed: int = Field(description="their appeal is not decided")
    decided: int = Field(description="their time to appeal runs")


@routes.get("/bookings")
async def list_bookings(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    month: Annotated[
        str | None, Query(pattern=MONTH_PATTERN, examples=["2026-11"], description="only what counts in this month")
    ] = None,
    person_id: Annotated[UUID | None, Query(description="only what this person pays or is paid")] = None,
    department_id: Annotated[UUID | None, Query(description="only of people who were of this department")] = None,
    fund_id: Annotated[UUID | None, Query(description="only of the fund of this department")] = None,
    basis_id: Annotated[UUID | None, Query(description="only what rests on this penalty, reward or withdrawal")] = None,
) -> Page[BookingOut]:
    """Bookings, the latest first. Who is no manager of customer service or administration sees those of themselves and
    their people."""
    filters = {
        "month": Month.parse(month) if month else None,
        "person_id": person_id,
        "department_id": department_id,
        "fund_id": fund_id,
        "basis_id": basis_id,
    }
    viewer = None if caller.has(*SEE_EVERY_BOOKING) else caller.id
    return await paging.page(
        BY_ID, filters, partial(queries.list_bookings, context, filters, viewer=viewer), BookingOut.of
    )


@routes.post("/ledger/months/{month}/close")
@raises(LedgerMonthEmpty, LedgerMonthNotOver, LedgerMonthSkipped)
async def close_ledger_month(month: MonthWritten, context: Injected[Context], caller: Caller) -> LedgerMonthClosedOut:
    """Closes a month: what is booked later counts in the next open one. Closing it again changes nothing. The answer
    says what of it is still to be decided or booked."""
    closed = await handlers.close_month(context, Month.parse(month), by=caller.id)
    left = await queries.left_open(context, closed.month)
    stands = dict(LedgerMonthOut.model_validate(closed))
    return LedgerMonthClosedOut.model_validate({**stands, **asdict(left)})


@routes.get("/ledger/months")
async def list_ledger_months(context: Injected[Context], paging: Paging) -> Page[LedgerMonthOut]:
    """Closed months, the latest first."""
    read = partial(queries.list_closed_months, context)
    return await paging.page(LATEST_FIRST, {}, read, LedgerMonthOut.model_validate)
