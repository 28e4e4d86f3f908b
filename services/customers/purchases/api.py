"""Routes of purchases and returns."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import InContext
from services.customers.purchases import handlers, queries
from services.customers.purchases.domain import Purchase, PurchaseAsked, PurchaseOutcome, PurchaseResult, ReturnAsked
from services.customers.texts import Number
from shared.auth.visibility import viewer
from shared.http.fields import Moment
from shared.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from shared.http.routing import Caller, router
from shared.money import MOST, Money
from shared.months import Month

routes = router("/customers/v1", "purchases")

STANDING: dict[int | str, dict[str, Any]] = {200: {"description": "It stands already, with the same content"}}


class PurchaseIn(BaseModel):
    """A purchase; `amount` in CNY as paid, `occurred_at` with its offset (default: now).

    The same `external_no` with the same content answers the purchase that stands already.
    """

    model_config = ConfigDict(extra="forbid")
    customer_id: UUID
    brand_id: UUID | None = None
    amount: Annotated[Money, Field(ge=0, le=MOST)]
    occurred_at: Moment | None = None
    external_no: Number | None = None


class ReturnIn(BaseModel):
    """What comes back of a purchase; `amount` is positive."""

    model_config = ConfigDict(extra="forbid")
    amount: Annotated[Money, Field(gt=0, le=MOST)]
    occurred_at: Moment | None = None
    external_no: Number | None = None


class PurchaseResultOut(BaseModel):
    """`repeated`: it stood already under the same external number."""

    id: UUID
    repeated: bool


class PurchaseOut(BaseModel):
    """A purchase or a return (negative, `returns_id` names what it returns); `month` is the one it counts in."""

    id: UUID
    kind: Literal["purchase", "return"]
    customer_id: UUID
    brand_id: UUID | None
    grade: str
    amount: Money
    returned: Money
    occurred_at: datetime
    month: Month
    external_no: str | None
    returns_id: UUID | None

    @classmethod
    def of(cls, purchase: Purchase) -> "PurchaseOut":
        return cls(
            id=purchase.id,
            kind="purchase" if purchase.returns_id is None else "return",
            customer_id=purchase.customer_id,
            brand_id=purchase.brand_id,
            grade=purchase.grade,
            amount=purchase.amount,
            returned=purchase.returned,
            occurred_at=purchase.occurred_at,
            month=purchase.month,
            external_no=purchase.external_no,
            returns_id=purchase.returns_id,
        )


@routes.post("/purchases", status_code=201, responses=STANDING)
async def record_purchase(
    body: PurchaseIn, context: InContext, caller: Caller, response: Response
) -> PurchaseResultOut:
    """Records a purchase; in the running month it may lift the customer's tier at once."""
    result = await handlers.record(context, PurchaseAsked(**dict(body)), viewer=viewer(caller))
    return _answer(result, response)


@routes.post("/purchases/{purchase_id}/returns", status_code=201, responses=STANDING)
async def return_purchase(
    purchase_id: UUID, body: ReturnIn, context: InContext, caller: Caller, response: Response
) -> PurchaseResultOut:
    """Records a return; all returns of a purchase together never exceed it."""
    result = await handlers.take_back(context, purchase_id, ReturnAsked(**dict(body)), viewer=viewer(caller))
    return _answer(result, response)


def _answer(result: PurchaseResult, response: Response) -> PurchaseResultOut:
    repeated = result.outcome is PurchaseOutcome.REPEATED
    response.status_code = 200 if repeated else 201
    response.headers["Location"] = f"/customers/v1/purchases/{result.id}"
    return PurchaseResultOut(id=result.id, repeated=repeated)


@routes.get("/purchases/{purchase_id}")
async def read_purchase(purchase_id: UUID, context: InContext, caller: Caller) -> PurchaseOut:
    return PurchaseOut.of(await queries.purchase(context, purchase_id, viewer=viewer(caller)))


@routes.get("/purchases")
async def list_purchases(
    context: InContext,
    caller: Caller,
    customer_id: Annotated[UUID, Query(description="whose purchases")],
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[PurchaseOut]:
    """A customer's purchases and returns, newest first."""
    filters = {"purchases": customer_id}
    after = context.cursors.read(cursor, filters)
    place = (datetime.fromisoformat(after[0]), UUID(after[1])) if after else None
    rows = await queries.newest_first(context, customer_id, place, limit + 1, viewer=viewer(caller))
    items, following = context.cursors.page(rows, limit, filters, lambda p: [p.occurred_at, p.id])
    return Page(items=[PurchaseOut.of(purchase) for purchase in items], next=following)
