"""The route of a customer's tier history."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.customers.context import InContext
from services.customers.tiers import queries
from services.customers.tiers.domain.standing import TierChange
from shared.auth.visibility import viewer
from shared.contracts.customers import Tier, TierCause
from shared.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page
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


@routes.get("/tier-history")
async def read_tier_history(
    customer_id: UUID, context: InContext, caller: Caller, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[TierChangeOut]:
    """Every change of a customer's tier with its cause, oldest first."""
    filters = {"tier-history": customer_id}
    after = context.cursors.read(cursor, filters) or [0]
    changes = await queries.history(context, customer_id, int(after[0]), limit + 1, viewer=viewer(caller))
    items, following = context.cursors.page(changes, limit, filters, lambda change: [change.version])
    return Page(items=[TierChangeOut.of(change) for change in items], next=following)
