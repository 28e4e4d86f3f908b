"""Routes of the payroll of a month."""

import asyncio
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Header, Query, Response
from pydantic import BaseModel, Field

from services.complaints.context import Context
from services.complaints.ledger.api import MonthWritten
from services.complaints.payroll.api.files import csv_of, xlsx_of
from services.complaints.payroll.domain.figures import Signature
from services.complaints.payroll.domain.payroll import (
    Payroll,
    PayrollLedgerOpen,
    PayrollLine,
    PayrollMonthSkipped,
    PayrollNotFound,
    PayrollState,
)
from services.complaints.payroll.handlers import closing
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.documents import answers, document
from shared.http.routing import Caller, router
from shared.languages import Language, language_of
from shared.money import Sum
from shared.months import Month

routes = router("/complaints/v1", "payroll")

Asked = Annotated[
    str | None, Header(alias="Accept-Language", description="the language of the heads; codes unless said")
]
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CSV: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


class PayrollLineOut(BaseModel):
    """What a month comes to for one person, CNY."""

    staff_id: UUID = Field(description="the staff member")
    name: str | None = Field(description="the work name; null until the directory is heard of")
    department_id: UUID | None = Field(description="the department now; null when there is none")
    department_name: str | None = Field(description="what that department is called")
    at_work: bool = Field(description="false: has left; what is carried on is to be settled otherwise")
    charged: Sum = Field(description="penalties and costs of fault booked in the month, less what was taken back")
    rewards: Sum = Field(description="rewards booked in the month")
    carried_in: Sum = Field(description="what was not kept in the months before")
    bound: Sum | None = Field(description="the most that may be kept of the wage; null where no wage is known")
    deducted: Sum = Field(description="what is kept of the wage; below 0: what is given back")
    carried_out: Sum = Field(description="what is left for the months after")
    net: Sum = Field(description="what the month adds to the wage: rewards less what is kept")
    digest: str = Field(description="stands for these figures, hex; it is what is signed")
    signature: Signature = Field(description="whether the person has signed these figures")

    @classmethod
    def of(cls, line: PayrollLine) -> "PayrollLineOut":
        figures = {name: getattr(line.line, name) for name in cls.model_fields.keys() - _OF_THE_PERSON}
        of_the_person = {name: getattr(line, name) for name in _OF_THE_PERSON}
        return cls(**of_the_person, **figures)


_OF_THE_PERSON: Final = {"name", "department_id", "department_name", "at_work", "signature"}


class PayrollOut(BaseModel):
    """The payroll of a month."""

    month: Month = Field(description="the month, YYYY-MM")
    state: PayrollState = Field(description="whether more may be booked, whether wages may change it, or neither")
    closed_at: datetime | None = Field(description="when it was handed over; null before")
    closed_by: UUID | None = Field(description="who handed it over; null before")
    lines: list[PayrollLineOut] = Field(description="a line for each person of whom there is something to say")
    missing: list[UUID] = Field(description="of them, those whose wage is not known: nothing is kept of it")
    unsigned: list[UUID] = Field(description="of them, those who have not signed their statement as it stands")
    deducted: Sum = Field(description="CNY, all that is kept of wages")
    rewards: Sum = Field(description="CNY, all rewards")
    carried_out: Sum = Field(description="CNY, all that is left for the months after")

    @classmethod
    def of(cls, payroll: Payroll, *, unsigned: bool = False) -> "PayrollOut":
        lines = payroll.lines
        shown = [each for each in lines if not unsigned or each.signature != "holds"]
        closed = payroll.closed
        return cls(
            month=payroll.month,
            state=payroll.state,
            closed_at=closed.closed_at if closed is not None else None,
            closed_by=closed.closed_by if closed is not None else None,
            lines=[PayrollLineOut.of(each) for each in shown],
            missing=[each.line.staff_id for each in lines if each.line.bound is None],
            unsigned=[each.line.staff_id for each in lines if each.signature != "holds"],
            deducted=payroll.total("deducted"),
            rewards=payroll.total("rewards"),
            carried_out=payroll.total("carried_out"),
        )


@routes.get("/payroll/{month}.csv", response_class=Response, responses=_CSV)
@raises(PayrollNotFound)
async def read_payroll_csv(
    month: MonthWritten, context: Injected[Context], caller: Caller, language: Asked = None
) -> Response:
    """The payroll of a month as CSV, UTF-8, a line for each person; a name that looks like a formula is text. Its file
    name says the state of what is not handed over yet; heads are codes unless a language is asked for."""
    payroll = await closing.look_up(context, Month.parse(month), by=caller.id)
    return document(csv_of(payroll, _spoken(language)).encode(), "text/csv; charset=utf-8", f"{_called(payroll)}.csv")


@routes.get("/payroll/{month}.xlsx", response_class=Response, responses=answers(XLSX))
@raises(PayrollNotFound)
async def read_payroll_xlsx(
    month: MonthWritten, context: Injected[Context], caller: Caller, language: Asked = None
) -> Response:
    """The payroll of a month as a workbook, a line for each person; no cell is a formula. Its file name says the state
    of what is not handed over yet; heads are codes unless a language is asked for."""
    payroll = await closing.look_up(context, Month.parse(month), by=caller.id)
    return document(await asyncio.to_thread(xlsx_of, payroll, _spoken(language)), XLSX, f"{_called(payroll)}.xlsx")


def _spoken(asked: str | None) -> Language | None:
    return language_of(asked) if asked is not None else None


def _called(payroll: Payroll) -> str:
    return f"payroll-{payroll.month}" if payroll.state == "closed" else f"payroll-{payroll.month}-{payroll.state}"


@routes.get("/payroll/{month}")
@raises(PayrollNotFound)
async def read_payroll(
    month: MonthWritten,
    context: Injected[Context],
    caller: Caller,
    unsigned: Annotated[bool, Query(description="only lines of those who have not signed as it stands")] = False,
) -> PayrollOut:
    """The payroll of a month: what is kept of each wage, up to the policy's share of it, and what is carried on. Of a
    running month as it stands, of a closed one as it was handed over."""
    return PayrollOut.of(await closing.look_up(context, Month.parse(month), by=caller.id), unsigned=unsigned)


@routes.post("/payroll/{month}/close")
@raises(PayrollLedgerOpen, PayrollMonthSkipped, PayrollNotFound)
async def close_payroll(month: MonthWritten, context: Injected[Context], caller: Caller) -> PayrollOut:
    """Keeps the payroll of a closed month of the ledger as it is handed over, in the order of months: wages that are
    entered later change it no more. Closing it again changes nothing."""
    return PayrollOut.of(await closing.close(context, Month.parse(month), by=caller.id))
