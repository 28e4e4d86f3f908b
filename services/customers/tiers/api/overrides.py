"""Routes of the tier that is set by hand."""

from datetime import datetime
from uuid import UUID

from fastapi import Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.customers.context import InContext
from services.customers.texts import Day, Words
from services.customers.tiers import queries
from services.customers.tiers.domain.overrides import Override, OverrideAsked
from services.customers.tiers.handlers import overrides
from shared.auth.visibility import viewer
from shared.contracts.customers import Tier
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router

routes = router("/customers/v1/customers/{customer_id}", "tiers")


class OverrideIn(BaseModel):
    """A tier set by hand. `until` is a moment with its offset, or a day, which means to its end."""

    model_config = ConfigDict(extra="forbid")
    tier: Tier
    reason: Words
    until: AwareDatetime | Day = Field(examples=["2026-12-31"])


class OverrideOut(BaseModel):
    customer_id: UUID
    tier: Tier
    reason: str
    until: datetime
    set_by: UUID
    set_at: datetime

    @classmethod
    def of(cls, override: Override) -> "OverrideOut":
        return cls(
            customer_id=override.customer_id,
            tier=override.tier,
            reason=override.reason,
            until=override.until,
            set_by=override.set_by,
            set_at=override.set_at,
        )


@routes.put("/tier-override")
async def override_tier(
    customer_id: UUID,
    body: OverrideIn,
    context: InContext,
    caller: Caller,
    response: Response,
    if_match: IfMatch = None,
) -> OverrideOut:
    """Sets the tier by hand; If-Match (the customer's ETag) is needed when it is set by hand already."""
    asked = OverrideAsked(body.tier, body.reason, body.until)
    override, version = await overrides.set_override(
        context, customer_id, asked, if_match, by=caller.id, viewer=viewer(caller)
    )
    set_etag(response, version)
    return OverrideOut.of(override)


@routes.get("/tier-override")
async def read_tier_override(customer_id: UUID, context: InContext, caller: Caller, response: Response) -> OverrideOut:
    override, version = await queries.override(context, customer_id, viewer=viewer(caller))
    set_etag(response, version)
    return OverrideOut.of(override)


@routes.delete("/tier-override", status_code=204)
async def end_tier_override(customer_id: UUID, context: InContext, caller: Caller, if_match: IfMatch = None) -> None:
    """Ends it before its time; the customer gets what its purchases earn."""
    await overrides.end_override(context, customer_id, if_match, viewer=viewer(caller))
