"""Routes of purchases, returns and reversals."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.entering.domain import UNBOUND, NeedsAdministration
from services.customers.purchases import handlers, queries
from services.customers.purchases.domain import (
    MOST_LINES,
    ExternalNoReused,
    MomentRefused,
    Purchase,
    PurchaseAsked,
    PurchaseLine,
    PurchaseNotFound,
    PurchaseResult,
    PurchaseReversed,
    ReturnAsked,
    ReturnRefused,
    ReturnsStand,
    ReversalNotFound,
)
from shared.auth.visibility import viewer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import NO_TEXT, ExternalNo, Moment, Reason
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router
from shared.money import Money, MoneyOrNothing, SomeMoney
from shared.months import Month
from shared.references import UnknownBrand, UnknownCustomer

routes = router("/customers/v1", "purchases")

NEWEST_FIRST: Order[Purchase, tuple[datetime, UUID]] = Order(
    lambda purchase: (purchase.occurred_at, purchase.id), lambda at, id_: (datetime.fromisoformat(at), UUID(id_))
)
ORDER: Final = "the number of the order it belongs to; several may be of one order"
RECEIPT: Final = "the number of the receipt it stands on; several may stand on one receipt"
STANDING: dict[int | str, dict[str, Any]] = {200: {"description": "It stands already, with the same content"}}


class PurchaseLineIn(BaseModel):
    """What was bought, or came back, of one product and batch."""

    model_config = ConfigDict(extra="forbid")
    product: ExternalNo
    batch: ExternalNo | None = None
    quantity: Annotated[int, Field(ge=1, le=1_000_000), NO_TEXT]
    amount: MoneyOrNothing | None = None
    cost: MoneyOrNothing | None = None


class PurchaseLineOut(BaseModel):
    """The same, as it is kept."""

    model_config = ConfigDict(from_attributes=True)
    product: str
    batch: str | None
    quantity: int
    amount: Money | None
    cost: Money | None


class PurchaseIn(BaseModel):
    """A purchase; `amount` in CNY as paid, `occurred_at` with its offset (default: now).

    The same `external_no` with the same content answers the purchase that stands already.
    """

    model_config = ConfigDict(extra="forbid")
    customer_id: UUID
    brand_id: UUID | None = None
    amount: MoneyOrNothing
    occurred_at: Moment | None = None
    external_no: ExternalNo | None = None
    order_no: ExternalNo | None = Field(default=None, description=ORDER)
    receipt_no: ExternalNo | None = Field(default=None, description=RECEIPT)
    lines: list[PurchaseLineIn] = Field(default=[], max_length=MOST_LINES)

    def asked(self) -> PurchaseAsked:
        said = {name: getattr(self, name) for name in PurchaseIn.model_fields}
        return PurchaseAsked(**{**said, "lines": _lines(self.lines)})


class ReturnIn(BaseModel):
    """What comes back of a purchase; `amount` is positive."""

    model_config = ConfigDict(extra="forbid")
    amount: SomeMoney
    occurred_at: Moment | None = None
    external_no: ExternalNo | None = None
    receipt_no: ExternalNo | None = Field(default=None, description=RECEIPT)
    lines: list[PurchaseLineIn] = Field(default=[], max_length=MOST_LINES)

    def asked(self) -> ReturnAsked:
        return ReturnAsked(**{**dict(self), "lines": _lines(self.lines)})


def _lines(given: list[PurchaseLineIn]) -> tuple[PurchaseLine, ...]:
    return tuple(PurchaseLine(**dict(line)) for line in given)


class PurchaseResultOut(BaseModel):
    """`repeated`: it stood already under the same external number."""

    id: UUID
    repeated: bool


class PurchaseOut(BaseModel):
    """A purchase or a return (negative, `returns_id` names what it returns); `month` is the one it counts in."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    kind: Literal["purchase", "return"]
    customer_id: UUID
    brand_id: UUID | None
    brand_name: str | None
    grade: str
    amount: Money
    returned: Money
    occurred_at: datetime
    month: Month
    external_no: str | None
    order_no: str | None = Field(description=ORDER)
    receipt_no: str | None = Field(description=RECEIPT)
    returns_id: UUID | None
    reversed_at: datetime | None
    lines: list[PurchaseLineOut]


class ReversalIn(BaseModel):
    """Why an entry was a mistake; it is kept sealed."""

    model_config = ConfigDict(extra="forbid")
    reason: Reason


class CorrectionIn(PurchaseIn):
    """What is right, in full, and why the other was a mistake; the reason is kept sealed."""

    reason: Reason = Field(description="why it was a mistake, 1 to 2,000 characters")


class ReversalOut(BaseModel):
    """Who undid an entry, when and why."""

    model_config = ConfigDict(from_attributes=True)
    purchase_id: UUID
    reason: str
    reversed_at: datetime
    reversed_by: UUID
    replaced_by: UUID | None = Field(description="the purchase that a correction entered in its place; null: none")


@routes.post("/purchases", status_code=201, responses=STANDING)
@raises(ExternalNoReused, MomentRefused, NeedsAdministration, UnknownBrand, UnknownCustomer)
async def record_purchase(
    body: PurchaseIn, context: Injected[Context], caller: Caller, response: Response
) -> PurchaseResultOut:
    """Records a purchase; in the running month it may lift the customer's tier at once.

    Large sums, closed months and those farther back are entered by administration, or imported.
    """
    limited = not caller.has(*UNBOUND)
    result = await handlers.record(context, body.asked(), viewer=viewer(caller), limited=limited)
    return _answer(result, response)


@routes.post("/purchases/{purchase_id}/returns", status_code=201, responses=STANDING)
@raises(ExternalNoReused, MomentRefused, NeedsAdministration, PurchaseNotFound, PurchaseReversed, ReturnRefused)
async def return_purchase(
    purchase_id: UUID, body: ReturnIn, context: Injected[Context], caller: Caller, response: Response
) -> PurchaseResultOut:
    """Records a return; all returns of a purchase together never exceed it."""
    asked, limited = body.asked(), not caller.has(*UNBOUND)
    result = await handlers.take_back(context, purchase_id, asked, viewer=viewer(caller), limited=limited)
    return _answer(result, response)


@routes.post("/purchases/{purchase_id}/reversal", status_code=201)
@raises(NeedsAdministration, PurchaseNotFound, PurchaseReversed, ReturnsStand)
async def reverse_purchase(
    purchase_id: UUID, body: ReversalIn, context: Injected[Context], caller: Caller, response: Response
) -> ReversalOut:
    """Undoes an entry that was a mistake, a purchase or a return: it counts nowhere any more, and its number is free.

    A purchase is undone after its returns. Entries of months that are closed or far back are undone by administration.
    """
    reversal = await handlers.reverse(
        context,
        purchase_id,
        body.reason,
        by=caller.id,
        viewer=viewer(caller),
        limited=not caller.has(*UNBOUND),
    )
    response.headers["Location"] = f"/customers/v1/purchases/{purchase_id}/reversal"
    return ReversalOut.model_validate(reversal)


@routes.post("/purchases/{purchase_id}/correction", status_code=201, responses=STANDING)
@raises(
    ExternalNoReused, MomentRefused, NeedsAdministration, PurchaseNotFound, PurchaseReversed, ReturnRefused,
    ReturnsStand, UnknownBrand, UnknownCustomer,
)  # fmt: skip
async def correct_purchase(
    purchase_id: UUID, body: CorrectionIn, context: Injected[Context], caller: Caller, response: Response
) -> PurchaseResultOut:
    """Puts a purchase right: undoes it and enters what is right in its place, both or neither.

    The answer names the purchase that stands now; the other one's reversal names it too.
    """
    limited = not caller.has(*UNBOUND)
    result = await handlers.correct(
        context, purchase_id, body.asked(), body.reason, by=caller.id, viewer=viewer(caller), limited=limited
    )
    return _answer(result, response)


@routes.get("/purchases/{purchase_id}/reversal")
@raises(PurchaseNotFound, ReversalNotFound)
async def read_purchase_reversal(purchase_id: UUID, context: Injected[Context], caller: Caller) -> ReversalOut:
    """Who undid an entry, when and why."""
    return ReversalOut.model_validate(await queries.reversal(context, purchase_id, viewer=viewer(caller)))


def _answer(result: PurchaseResult, response: Response) -> PurchaseResultOut:
    response.status_code = 200 if result.repeated else 201
    response.headers["Location"] = f"/customers/v1/purchases/{result.id}"
    return PurchaseResultOut(id=result.id, repeated=result.repeated)


@routes.get("/purchases/{purchase_id}")
@raises(PurchaseNotFound)
async def read_purchase(purchase_id: UUID, context: Injected[Context], caller: Caller) -> PurchaseOut:
    """One purchase or return."""
    return PurchaseOut.model_validate(await queries.purchase(context, purchase_id, viewer=viewer(caller)))


@routes.get("/purchases")
async def list_purchases(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    customer_id: Annotated[UUID, Query(description="whose purchases")],
    reversed: Annotated[bool, Query(description="with entries that were undone as mistakes")] = False,
) -> Page[PurchaseOut]:
    """A customer's purchases and returns, newest first."""
    filters = {"customer_id": customer_id, "reversed": reversed}
    read = partial(queries.newest_first, context, customer_id, viewer=viewer(caller), reversed=reversed)
    return await paging.page(NEWEST_FIRST, filters, read, PurchaseOut.model_validate)
