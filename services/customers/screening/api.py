"""Routes of the lists for cleaning up."""

from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from services.customers.archive.api.saying import CompletenessOut
from services.customers.context import Context
from services.customers.screening import queries
from services.customers.screening.domain import Screened
from shared.auth.visibility import viewer
from shared.contracts.customers import Tier
from shared.http.context import Injected
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router

routes = router("/customers/v1/screening", "screening")

LEAST_FIRST: Order[Screened, tuple[int, UUID]] = Order(
    lambda each: (each.figures.total, each.id), lambda total, id_: (int(total), UUID(id_))
)
LONGEST_FIRST: Order[Screened, tuple[datetime, UUID]] = Order(
    lambda each: (each.active_at, each.id), lambda at, id_: (datetime.fromisoformat(at), UUID(id_))
)


class IncompleteOut(BaseModel):
    """A customer whose archive is incomplete."""

    model_config = ConfigDict(from_attributes=True)

    customer_id: UUID = Field(validation_alias="id")
    name: str | None = Field(description="the store's trading name; null for a person")
    tier: Tier
    region_id: UUID | None = Field(description="where it is")
    region_name: str | None
    completeness: CompletenessOut = Field(validation_alias="figures", description="how complete the archive is")


class StaleOut(BaseModel):
    """A customer for whom nobody has cared for so long as the tier allows."""

    customer_id: UUID
    name: str | None = Field(description="the store's trading name; null for a person")
    tier: Tier
    region_id: UUID | None = Field(description="where it is")
    region_name: str | None
    active_at: datetime = Field(description="when somebody last touched the customer or changed the archive")
    stale_since: datetime = Field(description="from when on the archive counts as stale")

    @classmethod
    def of(cls, each: Screened) -> "StaleOut":
        return cls(
            customer_id=each.id,
            name=each.name,
            tier=each.tier,
            region_id=each.region_id,
            region_name=each.region_name,
            active_at=each.active_at,
            stale_since=each.stale_since(),
        )


@routes.get("/incomplete")
async def list_incomplete(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    below: Annotated[int, Query(ge=1, le=100, description="only archives whose total is below this")] = 60,
) -> Page[IncompleteOut]:
    """Archives of customers whom the caller sees that are incomplete, the least complete first."""
    read = partial(queries.incomplete, context, below, viewer=viewer(caller))
    return await paging.page(LEAST_FIRST, {"below": below}, read, IncompleteOut.model_validate)


@routes.get("/stale")
async def list_stale(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    tier: Annotated[Tier | None, Query(description="only customers of this tier")] = None,
) -> Page[StaleOut]:
    """Customers for whom nobody has cared for long (A 30 days, B 60, C 90, D 180), the longest first.

    Caring is a touch that was made, or a change of the archive. A page may hold fewer than are asked for while `next`
    leads on.
    """
    filters = {"tier": tier}
    after = paging.after(LONGEST_FIRST, filters)
    looked = await queries.stale(context, tier, after, paging.limit, viewer=viewer(caller))
    following = paging.going_on(looked.place, filters)
    return Page(items=[StaleOut.of(each) for each in looked.found], next=following)
