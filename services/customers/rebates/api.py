"""Routes of rebates."""

from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from services.customers.context import Context
from services.customers.rebates import handlers, queries
from services.customers.rebates.domain import (
    MOST_STEPS,
    NewRebate,
    RebateNotFound,
    RebateOverlaps,
    RebateRefused,
    RebateStep,
)
from services.customers.rebates.queries import ReadRebate
from shared.auth.visibility import viewer
from shared.http.bodies import Patch
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import IN_DIGITS, Day
from shared.http.paging import BY_ID, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.money import MoneyOrNothing, Sum
from shared.references import UnknownBrand, UnknownCustomer

routes = router("/customers/v1", "rebates")

Rate = Annotated[
    Decimal,
    Field(gt=0, le=1, max_digits=5, decimal_places=4, examples=["0.03"]),
    IN_DIGITS,
    PlainSerializer(str, return_type=str, when_used="json"),
]
RebateId = Annotated[UUID, Path(description="the agreement's id")]
FIRST: Final = "the first day, in the company's zone"
LAST: Final = "the last day, included"
STEPS: Final = "rising, in amount and in rate"


class RebateStepIn(BaseModel):
    """From which amount on how much is given back of all that was purchased."""

    model_config = ConfigDict(extra="forbid")

    from_amount: MoneyOrNothing = Field(description="CNY, what has to be purchased")
    rate: Rate = Field(
        description="how much of all that was purchased is given back, 0 to 1: 0.03 is three in a hundred"
    )

    def as_step(self) -> RebateStep:
        return RebateStep(self.from_amount, self.rate)


class RebateStepOut(BaseModel):
    """The same, as it is kept."""

    model_config = ConfigDict(from_attributes=True)

    from_amount: Sum = Field(description="CNY, what has to be purchased")
    rate: Rate = Field(
        description="how much of all that was purchased is given back, 0 to 1: 0.03 is three in a hundred"
    )


Steps = Annotated[list[RebateStepIn], Field(min_length=1, max_length=MOST_STEPS)]


class RebateIn(BaseModel):
    """What is agreed with a customer."""

    model_config = ConfigDict(extra="forbid")

    customer_id: UUID
    brand_id: UUID | None = Field(default=None, description="for which brand; null: for whatever is bought")
    from_: Day = Field(alias="from", description=FIRST)
    to: Day = Field(description=LAST)
    steps: Steps = Field(description=STEPS)

    def new(self) -> NewRebate:
        steps = tuple(each.as_step() for each in self.steps)
        return NewRebate(self.customer_id, self.brand_id, self.from_, self.to, steps)


class RebatePatch(Patch):
    """What is agreed otherwise."""

    from_: Day = Field(alias="from", default=date.min, description=FIRST)
    to: Day = Field(default=date.min, description=LAST)
    steps: Steps = Field(default=[], description=STEPS)
    withdrawn: bool = Field(default=False, strict=True, description="whether it never was an agreement")

    def said(self) -> dict[str, Any]:
        """By the names of the domain."""
        names = {"from_": "starts_on", "to": "ends_on"}
        said: dict[str, Any] = {names.get(name, name): getattr(self, name) for name in self.model_fields_set}
        if "steps" in said:
            said["steps"] = tuple(each.as_step() for each in self.steps)
        return said


class RebateOut(BaseModel):
    """An agreement, and what is earned by it so far."""

    id: UUID = Field(description="the id of the agreement (UUIDv7)")
    customer_id: UUID
    customer_name: str | None
    brand_id: UUID | None = Field(description="for which brand; null: for whatever is bought")
    brand_name: str | None
    from_: Day = Field(alias="from", description=FIRST)
    to: Day = Field(description=LAST)
    steps: list[RebateStepOut] = Field(description=STEPS)
    agreed_at: datetime = Field(description="when it was entered")
    agreed_by: UUID = Field(description="who entered it")
    updated_at: datetime = Field(description="when it last changed")
    withdrawn: bool = Field(description="whether it never was an agreement")
    purchased: Sum = Field(description="CNY: what was bought in these days, less what came back of it")
    rate: Rate | None = Field(description="of the step that is reached, 0 to 1; null below the first one")
    accrued: Sum = Field(description="CNY: what is earned by that, rounded half up to the cent")
    next_step: RebateStepOut | None = Field(description="the step that is not reached yet; null at the last one")
    missing: Sum | None = Field(description="CNY: what is to be bought until the next step; null at the last one")

    @classmethod
    def of(cls, read: ReadRebate) -> "RebateOut":
        rebate, accrual = read.rebate, read.accrual
        same = ("id", "customer_id", "brand_id", "agreed_at", "agreed_by")
        figures = {name: getattr(accrual, name) for name in ("purchased", "rate", "accrued", "missing")}
        return cls.model_validate(
            {name: getattr(rebate, name) for name in same}
            | {"customer_name": read.customer_name, "brand_name": read.brand_name}
            | figures
            | {"from": rebate.starts_on, "to": rebate.ends_on, "withdrawn": rebate.withdrawn_at is not None}
            | {"updated_at": rebate.updated_at or rebate.agreed_at}
            | {"steps": [RebateStepOut.model_validate(each) for each in rebate.steps]}
            | {"next_step": accrual.next and RebateStepOut.model_validate(accrual.next)}
        )


@routes.post("/rebates", status_code=201)
@raises(RebateOverlaps, RebateRefused, UnknownBrand, UnknownCustomer)
async def agree_rebate(body: RebateIn, context: Injected[Context], caller: Caller, response: Response) -> RebateOut:
    """Enters an agreement; another one for the same customer, brand and days is refused (`rebate-overlaps`)."""
    rebate = await handlers.agree(context, body.new(), by=caller.id, viewer=viewer(caller))
    response.headers["Location"] = f"/customers/v1/rebates/{rebate.id}"
    return await _answer(context, response, rebate.id)


@routes.get("/rebates")
async def list_rebates(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    customer_id: Annotated[UUID | None, Query(description="only with this customer")] = None,
    brand_id: Annotated[UUID | None, Query(description="only for this brand")] = None,
    holds_on: Annotated[Day | None, Query(description="only what holds on this day")] = None,
) -> Page[RebateOut]:
    """Agreements with customers whom the caller sees, the latest first, each with what is earned by it."""
    filters = {"customer_id": customer_id, "brand_id": brand_id, "holds_on": holds_on}
    read = partial(queries.page, context, filters, viewer=viewer(caller))
    return await paging.page(BY_ID, filters, read, RebateOut.of)


@routes.get("/rebates/{rebate_id}")
@raises(RebateNotFound)
async def read_rebate(rebate_id: RebateId, context: Injected[Context], caller: Caller, response: Response) -> RebateOut:
    """An agreement: what was purchased, what is earned, and what is missing to the next step."""
    read = await queries.read(context, rebate_id, viewer=viewer(caller))
    set_etag(response, read.rebate.version)
    return RebateOut.of(read)


@routes.patch("/rebates/{rebate_id}")
@raises(RebateNotFound, RebateOverlaps, RebateRefused)
async def change_rebate(
    rebate_id: RebateId,
    body: RebatePatch,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> RebateOut:
    """Changes days or steps, for all that was bought in these days; `withdrawn` takes it back."""
    await handlers.change(context, rebate_id, body.said(), expected_version, by=caller.id, viewer=viewer(caller))
    return await _answer(context, response, rebate_id)


async def _answer(context: Context, response: Response, rebate_id: UUID) -> RebateOut:
    read = await queries.written(context, rebate_id)
    set_etag(response, read.rebate.version)
    return RebateOut.of(read)
