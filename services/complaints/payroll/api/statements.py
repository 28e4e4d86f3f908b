"""Routes of people's own statements."""

from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Header, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.context import Context
from services.complaints.ledger.api import MonthWritten
from services.complaints.payroll.domain.figures import Item, Signature
from services.complaints.payroll.domain.payroll import (
    OwnStatement,
    SignedOnPaper,
    StatementChanged,
    StatementNotFinal,
    StatementNotFound,
)
from services.complaints.payroll.handlers import closing
from services.complaints.payroll.queries import PersonStatement
from shared.contracts.responsibility import BookingKind, PenaltyRule
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.documents import PDF, answers, document
from shared.http.fields import Day
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router
from shared.languages import language_of
from shared.money import Sum
from shared.months import Month
from shared.paper.sheet import NotTypeset
from shared.paper.typesetting import typeset

routes = router("/complaints/v1", "payroll")

StaffId = Annotated[UUID, Path(description="whose statement it is")]
LATEST_MONTH_FIRST: Order[PersonStatement, int] = Order(lambda read: (read.line.month,), int)
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="the `digest` of the statement that was read")]


class SignatureIn(BaseModel):
    """Which figures are signed."""

    model_config = ConfigDict(extra="forbid")

    digest: Digest


class PaperSignatureIn(SignatureIn):
    """Which figures were signed on paper, and when."""

    signed_on: Annotated[Day, Field(description="the day of the signature, YYYY-MM-DD")]


class StatementOut(BaseModel):
    """What a month comes to for somebody, CNY."""

    staff_id: UUID = Field(description="whose statement it is")
    month: Month = Field(description="the month, YYYY-MM")
    charged: Sum = Field(description="penalties and costs of fault booked in the month, less what was taken back")
    rewards: Sum = Field(description="rewards booked in the month")
    carried_in: Sum = Field(description="what was not kept in the months before")
    deducted: Sum = Field(description="what is kept of the wage; below 0: what is given back")
    carried_out: Sum = Field(description="what is left for the months after")
    net: Sum = Field(description="what the month adds to the wage: rewards less what is kept")
    digest: str = Field(description="stands for these figures, hex; it is what is signed")
    final: bool = Field(description="whether its month of the ledger is closed, so that it can be signed")
    signature: Signature = Field(description="whether it is signed; `outdated`: the figures were others then")
    signed_at: datetime | None = Field(description="when these figures were signed; null while they are not")

    @classmethod
    def of(cls, read: PersonStatement) -> "StatementOut":
        line = read.line
        return cls(
            staff_id=line.staff_id,
            month=Month.at(line.month),
            charged=line.charged,
            rewards=line.rewards,
            carried_in=line.carried_in,
            deducted=line.deducted,
            carried_out=line.carried_out,
            net=line.net,
            digest=line.digest,
            final=read.final,
            signature=read.signature,
            signed_at=read.signed_at,
        )


class ItemOut(BaseModel):
    """A booking of the month, and what it is for."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="the id of the booking (UUIDv7)")
    kind: BookingKind = Field(description="what kind of booking it is")
    amount: Sum = Field(description="CNY as it is booked: what is charged above 0, what is paid or given back below")
    booked_at: datetime = Field(description="when it was booked")
    basis_type: str = Field(description="what it rests on: `penalty`, `reward`, `internal` (a notice of fault)")
    basis_id: UUID = Field(description="the id of that")
    rule: PenaltyRule | None = Field(description="which rule was broken; null where it is no penalty")
    violation: str | None = Field(description="what the department's scheme calls it; null for the company's")
    complaint_id: UUID | None = Field(description="the case that it rests on; null where it is none")
    number: str | None = Field(description="its number")
    task_id: UUID | None = Field(description="the missed task that it rests on; null where it is none")
    month: Month | None = Field(description="the month in which it happened, YYYY-MM")
    at: datetime | None = Field(description="when a rule was broken; of a missed task the end of its window")
    name_zh: str | None = Field(description="what the department's scheme calls it in Chinese; null for the company's")
    name_en: str | None = Field(description="the same in English")

    @classmethod
    def of(cls, item: Item) -> "ItemOut":
        month = Month.at(item.month) if item.month is not None else None
        return cls.model_validate({**asdict(item), "month": month})


class StatementDetailsOut(StatementOut):
    """A statement with what was booked in its month."""

    items: list[ItemOut] = Field(description="what was booked in the month, in order")


@routes.get("/statements/{month}.pdf", response_class=Response, responses=answers(PDF))
@raises(NotTypeset, StatementNotFound)
async def read_statement_pdf(
    month: MonthWritten,
    context: Injected[Context],
    caller: Caller,
    language: Annotated[
        str | None, Header(alias="Accept-Language", description="the language; the caller's own unless said")
    ] = None,
) -> Response:
    """The caller's own statement of a month for paper: its bookings, its figures, and where or when it is signed."""
    spoken = language_of(language) if language is not None else None
    sheet = await closing.read_sheet(context, Month.parse(month), spoken, of=caller.id, by=caller.id)
    return document(await typeset([sheet]), PDF, f"statement-{month}.pdf")


@routes.get("/statements")
async def list_statements(context: Injected[Context], caller: Caller, paging: Paging) -> Page[StatementOut]:
    """The caller's own statements of every month of which there is something to say, the latest first."""
    read = partial(closing.list_statements, context, by=caller.id)
    return await paging.page(LATEST_MONTH_FIRST, {}, read, StatementOut.of)


@routes.get("/payroll/{month}/statements/{staff_id}.pdf", response_class=Response, responses=answers(PDF))
@raises(NotTypeset, StatementNotFound)
async def read_statement_of(
    month: MonthWritten,
    staff_id: StaffId,
    context: Injected[Context],
    caller: Caller,
    language: Annotated[
        str | None, Header(alias="Accept-Language", description="the language; that person's own unless said")
    ] = None,
) -> Response:
    """Somebody's statement for paper, to be handed to who cannot fetch it; it stands in the audit who did."""
    spoken = language_of(language) if language is not None else None
    sheet = await closing.read_sheet(context, Month.parse(month), spoken, of=staff_id, by=caller.id)
    return document(await typeset([sheet]), PDF, f"statement-{month}.pdf")


@routes.post("/payroll/{month}/statements/{staff_id}/signature")
@raises(OwnStatement, StatementChanged, StatementNotFinal, StatementNotFound)
async def enter_paper_signature(
    month: MonthWritten, staff_id: StaffId, body: PaperSignatureIn, context: Injected[Context], caller: Caller
) -> StatementOut:
    """Enters that somebody has signed their statement on paper, as who has left does; it stands in the audit."""
    signed = SignedOnPaper(body.digest, body.signed_on)
    return StatementOut.of(await closing.enter_signature(context, Month.parse(month), staff_id, signed, by=caller.id))


@routes.get("/statements/{month}")
@raises(StatementNotFound)
async def read_statement(month: MonthWritten, context: Injected[Context], caller: Caller) -> StatementDetailsOut:
    """The caller's own statement of a month, and what was booked in it and what for."""
    statement, items = await closing.read_statement(context, Month.parse(month), by=caller.id)
    return StatementDetailsOut(**dict(StatementOut.of(statement)), items=[ItemOut.of(each) for each in items])


@routes.post("/statements/{month}/signature")
@raises(StatementChanged, StatementNotFinal, StatementNotFound)
async def sign_statement(
    month: MonthWritten, body: SignatureIn, context: Injected[Context], caller: Caller
) -> StatementOut:
    """Signs the caller's own statement as they have read it. When its figures change afterwards, for a wage was
    entered, the signature holds no longer and the statement says so; again the same, it changes nothing."""
    return StatementOut.of(await closing.sign(context, Month.parse(month), body.digest, by=caller.id))
