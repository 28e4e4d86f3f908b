"""The route of a customer's tier history."""

from datetime import datetime
from functools import partial
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.heads.domain import CustomerNotFound
from services.customers.tiers import queries
from services.customers.tiers.domain.standing import TierChange
from shared.auth.visibility import viewer
from shared.contracts.customers import Tier, TierCause
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router
from shared.money import Sum
from shared.months import Month

routes = router("/customers/v1/customers/{customer_id}", "tiers")

BY_VERSION: Order[TierChange, int] = Order(lambda change: (change.version,), int)


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


@routes.get("/tier-history")
@raises(CustomerNotFound)
async def read_tier_history(
    customer_id: UUID, context: Injected[Context], caller: Caller, paging: Paging
) -> Page[TierChangeOut]:
    """Every change of a customer's tier with its cause, oldest first."""
    read = partial(queries.history, context, customer_id, viewer=viewer(caller))
    return await paging.page(BY_VERSION, {"customer_id": customer_id}, read, TierChangeOut.model_validate)
