"""Routes of invoices, of how somebody pays, and of credit limits."""

from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.payments import handlers, queries
from services.customers.payments.domain import (
    InvoiceReused,
    NoCreditLimit,
    PaymentDatesRefused,
    PaymentFilter,
    PaymentNotFound,
    PaymentState,
    Told,
    UnknownInvoice,
)
from services.customers.payments.queries import ReadPayment
from shared.auth.visibility import viewer
from shared.http.bodies import Patch
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Day, ExternalNo
from shared.http.paging import Order, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.money import MoneyOrNothing, SomeMoney, Sum
from shared.references import CustomerNotFound, UnknownCustomer

routes = router("/customers/v1", "payments")

DUE_LAST_FIRST: Order[ReadPayment, tuple[date, UUID]] = Order(
    lambda each: (each.due_on, each.id), lambda due_on, id_: (date.fromisoformat(due_on), UUID(id_))
)
STANDING: dict[int | str, dict[str, Any]] = {200: {"description": "It stands already, with the same content"}}
PaymentId = Annotated[UUID, Path(description="the invoice's id")]


class PaymentIn(BaseModel):
    """What the ERP says of an invoice. Of one that is known `due_on` and `amount` may be left out."""

    model_config = ConfigDict(extra="forbid")

    customer_id: UUID
    invoice_no: ExternalNo
    due_on: Annotated[Day | None, Field(description="the last day on which it is paid in time")] = None
    amount: Annotated[MoneyOrNothing | None, Field(description="CNY")] = None
    paid_on: Annotated[Day | None, Field(description="the day on which it was paid; null while it is not")] = None


class PaymentPatch(Patch):
    """What was told wrongly."""

    customer_id: Annotated[UUID, Field(description="whose invoice it is")] = UUID(int=0)
    due_on: Annotated[Day, Field(description="the last day on which it is paid in time")] = date.min
    amount: Annotated[MoneyOrNothing, Field(description="CNY")] = Decimal()
    paid_on: Annotated[Day | None, Field(description="the day on which it was paid; null while it is not")] = None
    withdrawn: Annotated[bool, Field(strict=True, description="whether it never was an invoice")] = False


class PaymentOut(BaseModel):
    """An invoice, and whether it is paid."""

    id: UUID = Field(description="the id of the invoice (UUIDv7)")
    customer_id: UUID
    customer_name: str | None
    invoice_no: str
    due_on: Day = Field(description="the last day on which it is paid in time")
    amount: Sum = Field(description="CNY")
    paid_on: Day | None = Field(description="the day on which it was paid; null while it is not")
    state: PaymentState = Field(description="how it stands today")
    days_late: int = Field(description="whole days after the due day on which it was paid, or has not been so far")
    told_at: datetime = Field(description="when it was told for the first time")
    updated_at: datetime = Field(description="when it last changed")

    @classmethod
    def of(cls, payment: ReadPayment, today: date) -> "PaymentOut":
        return cls(
            id=payment.id,
            customer_id=payment.customer_id,
            customer_name=payment.customer_name,
            invoice_no=payment.invoice_no,
            due_on=payment.due_on,
            amount=payment.amount,
            paid_on=payment.paid_on,
            state=payment.state(today),
            days_late=payment.days_late(today),
            told_at=payment.told_at,
            updated_at=payment.updated_at or payment.told_at,
        )


class CreditLimitIn(BaseModel):
    """How much a customer may owe."""

    model_config = ConfigDict(extra="forbid")

    amount: SomeMoney = Field(description="CNY")


class CreditLimitOut(BaseModel):
    """How much a customer may owe."""

    model_config = ConfigDict(from_attributes=True)

    customer_id: UUID
    version: int
    amount: Sum = Field(description="CNY")
    set_at: datetime = Field(description="when it was set")
    set_by: UUID = Field(description="the staff id of who set it")


class BehaviourOut(BaseModel):
    """How a customer pays."""

    model_config = ConfigDict(from_attributes=True)

    open: Sum = Field(description="CNY: what is owed and not due yet")
    overdue: Sum = Field(description="CNY: what is owed and was due")
    invoices_overdue: int = Field(description="how many invoices that is")
    mean_days_late: Decimal | None = Field(
        description="days late, the mean of the last six invoices that are paid or overdue; null without any"
    )
    credit_limit: Sum | None = Field(description="CNY: how much may be owed; null where nobody has set it")
    over_limit: bool = Field(description="whether what is owed is more than the limit")


@routes.post("/payments", status_code=201, responses=STANDING)
@raises(InvoiceReused, PaymentDatesRefused, UnknownCustomer, UnknownInvoice)
async def record_payment(body: PaymentIn, context: Injected[Context], response: Response) -> PaymentOut:
    """Tells of an invoice: a new one, that one was paid, or the same again (200), which changes nothing."""
    taken = await handlers.take(context, Told(**body.model_dump()))
    response.status_code = 200 if taken.repeated else 201
    response.headers["Location"] = f"/customers/v1/payments/{taken.payment.id}"
    return _answer(await queries.written(context, taken.payment.id), context, response)


@routes.get("/payments")
async def list_payments(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    customer_id: Annotated[UUID | None, Query(description="only this customer's")] = None,
    invoice_no: Annotated[ExternalNo | None, Query(description="only that with this number")] = None,
    state: Annotated[PaymentFilter | None, Query(description="only those that stand so today")] = None,
) -> Page[PaymentOut]:
    """Invoices of customers whom the caller sees, what is due last first."""
    filters = {"customer_id": customer_id, "invoice_no": invoice_no, "state": state}
    read = partial(queries.page, context, filters, viewer=viewer(caller))
    return await paging.page(DUE_LAST_FIRST, filters, read, lambda each: PaymentOut.of(each, context.today()))


@routes.get("/payments/{payment_id}")
@raises(PaymentNotFound)
async def read_payment(
    payment_id: PaymentId, context: Injected[Context], caller: Caller, response: Response
) -> PaymentOut:
    """One invoice."""
    return _answer(await queries.read(context, payment_id, viewer=viewer(caller)), context, response)


@routes.patch("/payments/{payment_id}")
@raises(PaymentDatesRefused, PaymentNotFound, UnknownCustomer)
async def correct_payment(
    payment_id: PaymentId,
    body: PaymentPatch,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> PaymentOut:
    """Puts right what was told wrongly, also whose it is; `withdrawn` takes back what never was an invoice."""
    await handlers.correct(context, payment_id, body.changes(), expected_version, by=caller.id)
    return _answer(await queries.written(context, payment_id), context, response)


@routes.get("/customers/{customer_id}/payment-behaviour")
@raises(CustomerNotFound)
async def read_payment_behaviour(customer_id: UUID, context: Injected[Context], caller: Caller) -> BehaviourOut:
    """What a customer owes, how late they pay, and how much they may owe."""
    return BehaviourOut.model_validate(await queries.behaviour(context, customer_id, viewer=viewer(caller)))


@routes.put("/customers/{customer_id}/credit-limit")
@raises(CustomerNotFound)
async def set_credit_limit(
    customer_id: UUID,
    body: CreditLimitIn,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> BehaviourOut:
    """Sets how much a customer may owe; over one that stands with its ETag as If-Match. The same again changes
    nothing."""
    seen_by = viewer(caller)
    limit = await handlers.set_limit(context, customer_id, body.amount, expected_version, by=caller.id, viewer=seen_by)
    set_etag(response, limit.version)
    return BehaviourOut.model_validate(await queries.behaviour(context, customer_id, viewer=seen_by))


@routes.get("/customers/{customer_id}/credit-limit")
@raises(CustomerNotFound, NoCreditLimit)
async def read_credit_limit(
    customer_id: UUID, context: Injected[Context], caller: Caller, response: Response
) -> CreditLimitOut:
    """How much a customer may owe, since when, and who has said so."""
    limit = await queries.credit_limit(context, customer_id, viewer=viewer(caller))
    set_etag(response, limit.version)
    return CreditLimitOut.model_validate(limit)


@routes.delete("/customers/{customer_id}/credit-limit")
@raises(CustomerNotFound, NoCreditLimit)
async def remove_credit_limit(
    customer_id: UUID, context: Injected[Context], caller: Caller, expected_version: IfMatch
) -> BehaviourOut:
    """Takes the limit away: nobody has said how much the customer may owe."""
    seen_by = viewer(caller)
    await handlers.remove_limit(context, customer_id, expected_version, by=caller.id, viewer=seen_by)
    return BehaviourOut.model_validate(await queries.behaviour(context, customer_id, viewer=seen_by))


def _answer(payment: ReadPayment, context: Context, response: Response) -> PaymentOut:
    set_etag(response, payment.version)
    return PaymentOut.of(payment, context.today())
