"""Routes of a customer's standing tier: its history, and the tier that is set by hand."""

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Final
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.heads.domain import Erased
from services.customers.merged.domain import Place, place_of
from services.customers.tiers import queries
from services.customers.tiers.domain.overrides import OverrideAsked, OverrideNotFound, OverrideRefused
from services.customers.tiers.domain.standing import TierChange
from services.customers.tiers.handlers import overrides
from shared.auth.visibility import viewer
from shared.contracts.customers import Tier, TierCause
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Day, Moment, Reason
from shared.http.paging import Order, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.money import Sum
from shared.months import Month
from shared.references import CustomerNotFound

routes = router("/customers/v1/customers/{customer_id}", "tiers")

IN_ORDER: Order[TierChange, Place] = Order(place_of, Place.read)
BY_MOMENT: Final = "at"
"""By what a list is ordered, as its cursors say it: those of before are refused."""


class TierChangeOut(BaseModel):
    """One change. `total` is the average month that judged, CNY in mid-grade terms; `month` the closed one, if any."""

    model_config = ConfigDict(from_attributes=True)
    from_: Tier = Field(validation_alias="from_tier", serialization_alias="from")
    to: Tier = Field(validation_alias="to_tier")
    at: datetime
    cause: TierCause
    total: Sum
    policy_version: int
    month: Month | None
    merged_id: UUID | None = Field(description="the merged customer whose tier it was; null: the customer's own")


@routes.get("/tier-history")
@raises(CustomerNotFound)
async def read_tier_history(
    customer_id: UUID, context: Injected[Context], caller: Caller, paging: Paging
) -> Page[TierChangeOut]:
    """Every change of a customer's tier with its cause, oldest first; also those of who was merged into it."""
    read = partial(queries.history, context, customer_id, viewer=viewer(caller))
    asked = {"customer_id": customer_id, "order": BY_MOMENT}
    return await paging.page(IN_ORDER, asked, read, TierChangeOut.model_validate)


class ServiceFiguresOut(BaseModel):
    """How a customer has been served and pays: beside the tier, which sales alone decide."""

    model_config = ConfigDict(from_attributes=True)
    days: int = Field(description="touches and late answers are those of so many days")
    touches_done: int = Field(description="touches that were made")
    touches_missed: int = Field(description="touches that were missed without an excuse")
    complaints_open: int = Field(
        description="complaints that are not solved now, without those that were judged not valid or malicious"
    )
    answers_late: int = Field(description="answers to complaints that were late, without those of such cases")
    invoices_overdue: int = Field(description="invoices that are overdue now")
    mean_days_late: Decimal | None = Field(
        description="how many days late the last six invoices were paid, or are, in the mean; null without any"
    )


class OverrideIn(BaseModel):
    """A tier set by hand. `until` is a moment with its offset, or a day, which means to its end."""

    model_config = ConfigDict(extra="forbid")
    tier: Tier
    reason: Reason
    until: Moment | Day = Field(examples=["2026-12-31"])


class OverrideOut(BaseModel):
    """A tier that is set by hand."""

    model_config = ConfigDict(from_attributes=True)
    customer_id: UUID
    tier: Tier
    reason: str
    until: datetime
    set_by: UUID
    set_at: datetime


@routes.put("/tier-override")
@raises(CustomerNotFound, Erased, OverrideRefused)
async def override_tier(
    customer_id: UUID,
    body: OverrideIn,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> OverrideOut:
    """Sets the tier by hand; If-Match (the customer's ETag) is needed when it is set by hand already."""
    asked = OverrideAsked(body.tier, body.reason, body.until)
    override, version = await overrides.set_override(
        context, customer_id, asked, expected_version=expected_version, by=caller.id, viewer=viewer(caller)
    )
    set_etag(response, version)
    return OverrideOut.model_validate(override)


@routes.get("/tier-override")
@raises(CustomerNotFound, OverrideNotFound)
async def read_tier_override(
    customer_id: UUID, context: Injected[Context], caller: Caller, response: Response
) -> OverrideOut:
    """The tier that is set by hand now."""
    override, version = await queries.override(context, customer_id, viewer=viewer(caller))
    set_etag(response, version)
    return OverrideOut.model_validate(override)


@routes.delete("/tier-override", status_code=204)
@raises(CustomerNotFound, OverrideNotFound)
async def end_tier_override(
    customer_id: UUID, context: Injected[Context], caller: Caller, expected_version: IfMatch
) -> None:
    """Ends it before its time; the customer gets what its purchases earn."""
    await overrides.end_override(
        context, customer_id, expected_version=expected_version, by=caller.id, viewer=viewer(caller)
    )
