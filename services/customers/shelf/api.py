"""Routes of shelves, and of the brands of a store."""

from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Path, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.customers.context import Context
from services.customers.shelf import handlers, queries
from services.customers.shelf.domain import (
    Seen,
    Share,
    ShareNotFound,
    ShareSeenAlready,
    ShelfDateRefused,
    ShelfOverfull,
)
from shared.auth.visibility import viewer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import IN_DIGITS, Day, Line
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router
from shared.references import CustomerNotFound, UnknownBrand

routes = router("/customers/v1", "shelf")

LAST_SEEN_FIRST: Order[Share, tuple[date, UUID]] = Order(
    lambda each: (each.seen_on, each.id), lambda seen_on, id_: (date.fromisoformat(seen_on), UUID(id_))
)
STANDING: dict[int | str, dict[str, Any]] = {200: {"description": "It stands already, with the same share"}}
Part = Annotated[Decimal, Field(ge=0, le=1, max_digits=5, decimal_places=4, examples=["0.25"]), IN_DIGITS]


class ShareIn(BaseModel):
    """Which part of a store's shelf a brand had: one of ours, or a competitor's."""

    model_config = ConfigDict(extra="forbid")

    brand_id: Annotated[UUID | None, Field(description="a brand of ours; or say `competitor`")] = None
    competitor: Annotated[Line | None, Field(description="the name of a competitor's brand; or say `brand_id`")] = None
    share: Annotated[Part, Field(description="which part of the shelf it had, 0 to 1")]
    seen_on: Annotated[Day | None, Field(description="the day on which that was seen; today unless said")] = None

    @model_validator(mode="after")
    def _one_brand(self) -> Self:
        if (self.brand_id is None) == (self.competitor is None):
            raise ValueError("say `brand_id` for a brand of ours, or `competitor` for another")
        return self


class ShareOut(BaseModel):
    """Which part of a store's shelf a brand had on a day."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="the id of the entry (UUIDv7)")
    customer_id: UUID
    brand_id: UUID | None = Field(description="the brand of ours; null for a competitor's")
    competitor: str | None = Field(description="the name of a competitor's brand; null for ours")
    share: Decimal = Field(description="which part of the shelf it had, 0 to 1")
    seen_on: Day = Field(description="the day on which that was seen")
    seen_by: UUID = Field(description="the staff id of who has seen it")
    entered_at: datetime = Field(description="when it was entered")


class BrandAtStoreOut(BaseModel):
    """A brand at a store: held by a contract, seen on the shelf, or both."""

    model_config = ConfigDict(from_attributes=True)

    brand_id: UUID | None = Field(description="the brand of ours; null for a competitor's")
    name: str = Field(description="what the brand is called")
    held: bool = Field(description="whether a contract that holds today ties the store to it")
    share: Decimal | None = Field(
        description="which part of the shelf it had when it was seen last, 0 to 1; null: never seen"
    )
    seen_on: Day | None = Field(description="the day on which that was; null: never seen")


@routes.post("/customers/{customer_id}/shelf", status_code=201, responses=STANDING)
@raises(CustomerNotFound, ShareSeenAlready, ShelfDateRefused, ShelfOverfull, UnknownBrand)
async def take_down_share(
    customer_id: UUID, body: ShareIn, context: Injected[Context], caller: Caller, response: Response
) -> ShareOut:
    """Takes down which part of a store's shelf a brand had on a day; the shares of a day are at most the whole."""
    seen = Seen(body.brand_id, body.competitor, body.share, body.seen_on or context.today())
    taken = await handlers.take_down(context, customer_id, seen, by=caller.id, viewer=viewer(caller))
    response.status_code = 200 if taken.repeated else 201
    return ShareOut.model_validate(taken.share)


@routes.get("/customers/{customer_id}/shelf")
@raises(CustomerNotFound)
async def list_shelf(customer_id: UUID, context: Injected[Context], caller: Caller, paging: Paging) -> Page[ShareOut]:
    """What was seen of a store's shelf, the latest day first."""
    read = partial(queries.page, context, customer_id, viewer=viewer(caller))
    return await paging.page(LAST_SEEN_FIRST, {"customer_id": customer_id}, read, ShareOut.model_validate)


@routes.delete("/customers/{customer_id}/shelf/{share_id}", status_code=204)
@raises(CustomerNotFound, ShareNotFound)
async def withdraw_share(
    customer_id: UUID,
    share_id: Annotated[UUID, Path(description="the entry's id")],
    context: Injected[Context],
    caller: Caller,
) -> None:
    """Takes back what was taken down by mistake."""
    await handlers.withdraw(context, customer_id, share_id, by=caller.id, viewer=viewer(caller))


@routes.get("/customers/{customer_id}/brands")
@raises(CustomerNotFound)
async def list_brands_at_store(customer_id: UUID, context: Injected[Context], caller: Caller) -> Page[BrandAtStoreOut]:
    """The brands that a store holds today, then those seen on its shelf, each with its share when it was seen last; on
    one page."""
    found = await queries.brands(context, customer_id, viewer=viewer(caller))
    return Page(items=[BrandAtStoreOut.model_validate(each) for each in found])
