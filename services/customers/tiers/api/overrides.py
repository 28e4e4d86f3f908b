"""Routes of one customer's tier: its history, and the tier set by hand."""

from datetime import datetime
from uuid import UUID

from fastapi import Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.customers.context import InContext
from services.customers.texts import Day, Words
from services.customers.tiers.domain import months as domain
from services.customers.tiers.handlers import overrides
from services.customers.tiers.store import months as store
from services.customers.tiers.store.months import Override, TierChange
from shared.auth.visibility import viewer
from shared.contracts.customers import Tier, TierCause
from shared.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.money import Sum
from shared.months import Month

routes = router("/customers/v1/customers/{customer_id}", "tiers")


class TierChangeOut(BaseModel):
    """One change. `total` is the average month that judged, CNY in mid-grade terms; `month` the closed one, if any."""

    from_: Tier = Field(alias="from")
    to: Tier
    at: datetime
    cause: TierCause
    total: Sum
    policy_version: int
    month: Month | None

    @classmethod
    def of(cls, change: TierChange) -> "TierChangeOut":
        return cls.model_validate(
            {
                "from": change.from_tier,
                "to": change.to_tier,
                "at": change.at,
                "cause": change.cause,
                "total": change.total,
                "policy_version": change.policy_version,
                "month": change.month,
            }
        )


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


@routes.get("/tier-history")
async def read_tier_history(
    customer_id: UUID, context: InContext, caller: Caller, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[TierChangeOut]:
    """Every change of a customer's tier with its cause, oldest first."""
    await overrides.head_of(context, customer_id, viewer=viewer(caller))
    filters = {"tier-history": customer_id}
    after = context.cursors.read(cursor, filters) or [0]
    changes = await store.changes(context.database, customer_id, int(after[0]), limit + 1)
    items, following = context.cursors.page(changes, limit, filters, lambda change: [change.version])
    return Page(items=[TierChangeOut.of(change) for change in items], next=following)


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
    until = domain.override_ends(body.until, context.runtime.zone)
    override = overrides.new_override(context, customer_id, body.tier, body.reason, until, caller.id)
    set_etag(response, await overrides.set_override(context, override, if_match, viewer=viewer(caller)))
    return OverrideOut.of(override)


@routes.get("/tier-override")
async def read_tier_override(customer_id: UUID, context: InContext, caller: Caller, response: Response) -> OverrideOut:
    override, version = await overrides.override_of(context, customer_id, viewer=viewer(caller))
    set_etag(response, version)
    return OverrideOut.of(override)


@routes.delete("/tier-override", status_code=204)
async def end_tier_override(customer_id: UUID, context: InContext, caller: Caller, if_match: IfMatch = None) -> None:
    """Ends it before its time; the customer gets what its purchases earn."""
    await overrides.end_override(context, customer_id, if_match, viewer=viewer(caller))
