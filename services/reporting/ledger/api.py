"""GET /reporting/v1/ledger, and its summary."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.reporting.context import Context
from services.reporting.ledger import queries
from services.reporting.ledger.domain import (
    BasisKind,
    By,
    Entry,
    LedgerSpanRefused,
    Summary,
    Wanted,
    bounded_span,
    span_of,
)
from shared.auth.principal import Principal
from shared.contracts.responsibility import BookingAccount, BookingKind, PenaltyRule
from shared.http.answers import json_answer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.paging import BY_ID, Paging
from shared.http.routing import Caller, router
from shared.money import Money, Sum
from shared.months import MONTH_PATTERN, Month

routes = router("/reporting/v1", "ledger")

SEE_EVERY_BOOKING: Final = ("cs_manager", "general_manager", "admin_dept")
"""All others see what they and their people pay and are paid, and what stands under a department that they manage."""


class EntryBasisOut(BaseModel):
    """What a booking rests on."""

    type: BasisKind = Field(description="what kind of thing it is")
    id: UUID = Field(description="its id")
    rule: PenaltyRule | None = Field(description="which rule was broken; null unless it is a penalty")
    complaint_id: UUID | None = Field(description="the case; null where there is none")
    task_id: UUID | None = Field(description="the missed task; null where there is none")


class LedgerEntryOut(BaseModel):
    """A booking: never changed, a mistake is taken back by another one."""

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
    basis: EntryBasisOut = Field(description="what it rests on")
    reverses: UUID | None = Field(description="the booking that it takes back; null for most")
    closed: bool = Field(description="whether its month is closed")
    after_close: bool = Field(description="whether it came after its month was closed, which somebody has to look into")


_OWN: Final = tuple(LedgerEntryOut.model_fields.keys() - {"basis", "month"})


class LedgerOut(BaseModel):
    """A page of the ledger, and what the whole of it comes to."""

    entries: list[LedgerEntryOut] = Field(description="bookings, the latest first")
    total: Sum = Field(description="CNY: the sum of all bookings that these filters find, of every page")
    bookings: int = Field(description="how many they are")
    next: str | None = Field(description="the `cursor` of the next page; null on the last one")


class SummaryRowOut(BaseModel):
    """What one of them comes to."""

    id: UUID | None = Field(
        description="the person, supervisor or department; null for what belongs to none, among funds the company's"
        " account"
    )
    name: str | None = Field(description="the name; null when the directory does not know it")
    total: Sum = Field(description="CNY, of all these months")
    bookings: int = Field(description="how many bookings")
    months: dict[str, Sum] = Field(description="month, YYYY-MM → CNY; months without a booking are left out")


class LedgerMonthOut(BaseModel):
    """A month of the ledger."""

    model_config = ConfigDict(from_attributes=True)

    month: Month = Field(description="the month, YYYY-MM")
    closed: bool = Field(description="whether it is closed: nothing is booked into it any longer")
    closed_at: datetime | None = Field(description="when it was closed; null unless somebody closed it")
    total: Sum = Field(description="CNY, of all its bookings")
    bookings: int = Field(description="how many bookings")
    kinds: dict[BookingKind, Sum] = Field(description="kind of booking → CNY; kinds without a booking are left out")


class LedgerSummaryOut(BaseModel):
    """Sums of the ledger: the rows add up to the total, and so do the months."""

    rows: list[SummaryRowOut] = Field(description="by whom or what was asked for; none by `month`")
    months: list[LedgerMonthOut] = Field(description="each month from the first to the last")
    total: Sum = Field(description="CNY, in all")
    bookings: int = Field(description="how many bookings in all")


async def _wanted(
    person_id: Annotated[UUID | None, Query(description="only what this person pays or is paid")] = None,
    department_id: Annotated[UUID | None, Query(description="only of people who were of this department")] = None,
    supervisor_id: Annotated[UUID | None, Query(description="only of people whom they supervised then")] = None,
    fund_id: Annotated[UUID | None, Query(description="only of the fund of this department")] = None,
    account: Annotated[BookingAccount | None, Query(description="only of this account")] = None,
    kind: Annotated[BookingKind | None, Query(description="only bookings of this kind")] = None,
    after_close: Annotated[
        bool, Query(description="only what came into a month after it was closed, which should be nothing")
    ] = False,
) -> Wanted:
    return Wanted(
        person_id=person_id,
        department_id=department_id,
        supervisor_id=supervisor_id,
        fund_id=fund_id,
        account=account,
        kind=kind,
        after_close=after_close,
    )


Narrowed = Annotated[Wanted, Depends(_wanted)]
_MONTH: Final = Query(pattern=MONTH_PATTERN, examples=["2026-11"], description="only what counts in this month")
_FROM: Final = Query(alias="from", pattern=MONTH_PATTERN, examples=["2026-01"], description="from this month on")
_TO: Final = Query(alias="to", pattern=MONTH_PATTERN, examples=["2026-12"], description="until this month, included")


@routes.get("/ledger", response_model=LedgerOut)
@raises(LedgerSpanRefused)
async def read_ledger(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    wanted: Narrowed,
    month: Annotated[str | None, _MONTH] = None,
    from_: Annotated[str | None, _FROM] = None,
    to: Annotated[str | None, _TO] = None,
) -> Response:
    """Bookings, the latest first, with the sum of all that the filters find. Who is no manager of customer service or
    administration sees those of themselves and their people, and of a department that they manage."""
    span = span_of(*(Month.parse(asked) if asked else None for asked in (month, from_, to)))
    filters = {"month": month, "from": from_, "to": to, **wanted.named()}
    viewer = _viewer(caller)
    read = partial(queries.list_entries, context, span, wanted, viewer=viewer)
    page = await paging.page(BY_ID, filters, read, _entry)
    total = await queries.total_of(context, span, wanted, viewer=viewer)
    found = {"entries": page.items, "total": total.amount, "bookings": total.bookings, "next": page.next}
    return json_answer(found)


def _entry(entry: Entry) -> dict[str, Any]:
    """A LedgerEntryOut, without its model: a page may have five hundred."""
    basis = {
        "type": entry.basis_kind,
        "id": entry.basis_id,
        "rule": entry.rule,
        "complaint_id": entry.complaint_id,
        "task_id": entry.task_id,
    }
    own = {name: getattr(entry, name) for name in _OWN}
    return {**own, "month": str(Month.at(entry.month)), "basis": basis}


@routes.get("/ledger/summary", response_model=LedgerSummaryOut)
@raises(LedgerSpanRefused)
async def summarise_ledger(
    context: Injected[Context],
    caller: Caller,
    wanted: Narrowed,
    from_: Annotated[str, _FROM],
    to: Annotated[str, _TO],
    by: Annotated[By, Query(description="of whom or what the sums are")] = "person",
) -> Response:
    """Sums month by month, of 60 months at most. Who sees which bookings is as in the list."""
    span = bounded_span(Month.parse(from_), Month.parse(to))
    return json_answer(_written(await queries.summary_of(context, span, wanted, by, viewer=_viewer(caller))))


def _written(summary: Summary) -> dict[str, Any]:
    """A LedgerSummaryOut, without its models: hundreds of people have thousands of sums."""
    names = {month.month.ordinal: str(month.month) for month in summary.months}
    months = [LedgerMonthOut.model_validate(month).model_dump(mode="json") for month in summary.months]
    rows = [
        {
            "id": row.id,
            "name": row.name,
            "total": str(row.total),
            "bookings": row.bookings,
            "months": {names[month]: str(amount) for month, amount in row.months.items()},
        }
        for row in summary.rows
    ]
    return {"rows": rows, "months": months, "total": str(summary.total), "bookings": summary.bookings}


def _viewer(caller: Principal) -> UUID | None:
    return None if caller.has(*SEE_EVERY_BOOKING) else caller.id
